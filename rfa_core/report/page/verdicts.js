// rfa_core/receptive/verdict.py, for any resolution.
const VERDICTS = ["unproductive", "critical", "full-kernel", "partial", "productive", "not-judged"];

const sizeOf = (sizes, axis) => (sizes === null || sizes[axis] === null ? Infinity : sizes[axis]);

function judge(layer, sizes, strict, mapOf) {
  if (!layer.judged) return "not-judged";
  const places = [layer, ...layer.others].map((call) =>
    VERDICTS.indexOf(judgeCall(call, sizes, strict, mapOf)));
  return VERDICTS[Math.max(...places)];
}

function judgeCall(call, sizes, strict, mapOf) {
  const out = call.receptive_field.min;
  const own = sizes.map((_, axis) => axis).filter((axis) => sizeOf(out, axis) !== 0);
  const past = own.map((axis) => sizeOf(out, axis) > sizes[axis]);
  const slack = strict ? 1 : 0;
  const seen = own.every((axis) => sizeOf(call.input.min, axis) >= sizes[axis] + slack);
  if (past.every(Boolean)) return seen ? "unproductive" : "critical";
  if (coversItsMap(call, sizes, mapOf)) return "full-kernel";
  return past.some(Boolean) ? "partial" : "productive";
}

function coversItsMap(call, sizes, mapOf) {
  if (!call.kernel.some((size) => size > 1)) return false;
  return reads(call).every((size, axis) => size >= (mapOf(call, axis) || 1));
}

// Positions that one output reads: of a transposed window the taps of one phase.
function reads(call) {
  if (!call.transposed) return call.kernel;
  const gcd = (a, b) => (b ? gcd(b, a % b) : a);
  const phases = (axis) => call.stride[axis] / gcd(call.stride[axis], call.dilation[axis]);
  return call.kernel.map((size, axis) => Math.ceil(size / phases(axis)));
}

// Positions along an axis of what a layer reads, or makes, on an image of other pixels than it
// was traced with: one for each effective stride that begins inside, as far as the traced map bears
// that out. Exact for padding that keeps positions; else it can be one off.
function mapAt(traced, stride, tracedAt, size) {
  if (traced === null || traced === undefined) return null;
  if (!stride || size === tracedAt) return traced;
  const least = traced * stride - tracedAt;
  const added = Math.min(Math.max(stride - 1, least), least + stride - 1);
  return Math.max(1, Math.floor((size + added) / stride + 1e-9));
}

function strideBefore(layer, axis) {
  const after = layer.effective_stride === null ? null : layer.effective_stride[axis];
  if (!after || !layer.stride[axis]) return after;
  return layer.transposed ? after * layer.stride[axis] : after / layer.stride[axis];
}

// How the maps of what is read at `base` come out on an image of `sizes`.
function mapsAt(base, sizes) {
  const same = sizes.every((size, axis) => size === base.resolution[axis]);
  return (call, axis) => {
    const traced = call.input_feature_map === null ? null : call.input_feature_map[axis];
    if (same) return traced;
    return mapAt(traced, strideBefore(call, axis), base.traced_at[axis], sizes[axis]);
  };
}

// What was traced nearest to `sizes`.
function nearest(resolutions, sizes) {
  const distance = (at) =>
    at.resolution.reduce((sum, size, axis) => sum + Math.abs(Math.log(size / sizes[axis])), 0);
  return resolutions.reduce((best, at) => (distance(at) < distance(best) ? at : best));
}
