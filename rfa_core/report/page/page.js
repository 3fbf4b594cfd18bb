// The state of the page, and what follows from it.
const { glyphs: SHAPES, ...report } = embedded("report");
const state = { model: -1, sizes: [], chosen: -1, verdicts: [], counts: {}, base: null };
let model = null;

const layerAt = (place) => (place >= 0 ? state.base.byName.get(model.layers[place]) : undefined);
const verdictAt = (place) => (place >= 0 ? state.verdicts[place] : "not-judged");
const template = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

// A layer's map at the image size; marked where it is worked out and not traced.
function mapText(layer) {
  const same = state.sizes.every((size, axis) => size === state.base.resolution[axis]);
  if (same) return written(layer.feature_map);
  const sizes = layer.feature_map.map((traced, axis) =>
    mapAt(traced, layer.effective_stride && layer.effective_stride[axis], state.base.traced_at[axis], state.sizes[axis]));
  return `≈ ${written(sizes)}`;
}

function loaded(place) {
  const found = { ...embedded(`m${place}`), ...embedded(`m${place}-more`), id: `m${place}` };
  found.resolutions = found.resolutions.map((at, index) => {
    const others = new Map(found.others[index]);
    const transposed = new Set(found.transposed[index]);
    const layers = at.layers.map((layer, row) => (
      { ...layer, others: others.get(row) || [], transposed: transposed.has(row) }));
    return { ...at, layers, byName: new Map(layers.map((layer) => [layer.name, layer])) };
  });
  // Those of the first size come first, as drawings number them; other sizes may have more.
  found.layers = [...new Set(found.resolutions.flatMap((at) => at.layers.map((layer) => layer.name)))];
  found.axes = found.resolutions.length ? found.resolutions[0].resolution.length : 0;
  return found;
}

function open(place) {
  state.model = place;
  model = loaded(place);
  state.chosen = -1;
  table.verdict = null;
  const judged = model.resolutions.length > 0;
  byId("model").hidden = false;
  for (const part of document.querySelectorAll(".columns, .layers, #counts")) part.hidden = !judged;
  byId("resolution").hidden = !judged;
  byId("name").textContent = shortened(model.name, 120);
  byId("facts").textContent = model.facts;
  document.title = `rfa: ${shortened(model.name, 80)}`;
  byId("remarks").replaceChildren(...model.remarks.map((text) => h("li", { text: clean(text) })));
  models.update();
  if (!judged) {
    byId("says").replaceChildren(h("span", { class: "failure", text: clean(model.error || `No resolution to judge it at; it suits ${model.suits}.`) }));
    return;
  }
  state.sizes = [...model.resolutions[0].resolution];
  slider.show();
  judgeAll();
  chart.show();
  map.show();
  table.show();
  findings.show();
  update();
}

function judgeAll() {
  state.base = nearest(model.resolutions, state.sizes);
  const mapOf = mapsAt(state.base, state.sizes);
  state.verdicts = model.layers.map((name) => {
    const layer = state.base.byName.get(name);
    return layer ? judge(layer, state.sizes, model.strict, mapOf) : "not-judged";
  });
  const there = state.verdicts.filter((_, place) => layerAt(place));
  state.counts = Object.fromEntries(VERDICTS.map((one) => [one, there.filter((other) => other === one).length]));
}

function update() {
  judgeAll();
  slider.update();
  says.update();
  chart.update();
  map.update();
  table.update();
  detail.update();
}

let asked = 0;
function resize(size) {
  state.sizes = slider.shaped(Math.max(1, Math.round(size)));
  slider.update();
  cancelAnimationFrame(asked);
  asked = requestAnimationFrame(update);
}

function select(layer, reveal = false) {
  state.chosen = layer;
  if (reveal) map.reveal(layer);
  update();
}

const slider = {
  show() {
    const sizes = model.resolutions.map((one) => Math.max(...one.resolution));
    const ends = [...sizes, ...(model.least || []), ...(model.most || [])].filter((size) => size);
    slider.low = Math.max(1, Math.floor(Math.min(...ends) / 2));
    slider.high = Math.ceil(Math.max(...ends) * 1.5);
    slider.shape = model.resolutions[0].resolution;
    const share = (size) => Math.log(size / slider.low) / Math.log(slider.high / slider.low);
    byId("ticks").replaceChildren(...model.resolutions.map((one) => {
      const button = h("button", { type: "button", text: pixels(one.resolution), title: `Checked at ${pixels(one.resolution)} px`,
        onclick: () => { slider.shape = one.resolution; state.sizes = [...one.resolution]; update(); } });
      button.style.left = `${100 * share(Math.max(...one.resolution))}%`;
      return button;
    }));
  },

  // Sizes of the proportions that were chosen last.
  shaped(size) {
    const most = Math.max(...slider.shape);
    return slider.shape.map((one) => Math.max(1, Math.round((one / most) * size)));
  },

  update() {
    const size = Math.max(...state.sizes);
    byId("slider").value = 1000 * Math.log(size / slider.low) / Math.log(slider.high / slider.low);
    byId("slider").setAttribute("aria-valuetext", `${pixels(state.sizes)} pixels`);
    if (document.activeElement !== byId("pixels")) byId("pixels").value = pixels(state.sizes);
    byId("pixels").removeAttribute("aria-invalid");
    [...byId("ticks").children].forEach((button, index) =>
      button.setAttribute("aria-pressed", String(pixels(model.resolutions[index].resolution) === pixels(state.sizes))));
  },

  // 64, or 64x96: one number per axis.
  typed(text) {
    const sizes = text.trim().toLowerCase().split(/[x×]/).map((one) => (/^\d{1,6}$/.test(one.trim()) ? Number(one) : 0));
    const right = sizes.every((size) => size > 0) && (sizes.length === 1 || sizes.length === model.axes);
    byId("pixels").setAttribute("aria-invalid", String(!right));
    if (!right) return;
    state.sizes = sizes.length === 1 ? Array(model.axes).fill(sizes[0]) : sizes;
    slider.shape = [...state.sizes];
    update();
  },
};

const says = {
  update() {
    const { counts } = state, judged = state.base.layers.length - counts["not-judged"], size = `${pixels(state.sizes)} px`;
    const bad = model.layers.map((_, place) => place).filter((place) => verdictAt(place) === "unproductive");
    byId("says").replaceChildren(...(bad.length ? says.waste(bad, judged, size) : says.fine(judged, size)), ...says.range(), ...says.honest());
    for (const chip of byId("counts").children) {
      const verdict = chip.dataset.verdict;
      chip.classList.toggle("none", !counts[verdict]);
      chip.setAttribute("aria-pressed", String(table.verdict === verdict));
      chip.querySelector("b").textContent = counts[verdict];
    }
  },

  show() {
    byId("counts").replaceChildren(...VERDICTS.map((one) => h("button", { type: "button", class: "chip", "data-verdict": one,
      onclick: () => { table.verdict = table.verdict === one ? null : one; update(); } }, glyph(one), h("b"), h("span", { text: named(one) }))));
  },

  waste(bad, judged, size) {
    const sum = (key) => bad.reduce((total, place) => total + layerAt(place)[key], 0);
    const share = (part, whole) => percent(whole ? part / whole : 0), first = layerAt(bad[0]);
    return [`At ${size}, `, h("b", { text: `${bad.length} of ${counted(judged, "judged layer")}` }), ` ${bad.length === 1 ? "is" : "are"} unproductive: all that reaches ${bad.length === 1 ? "it" : "them"} has already seen the whole image. `,
      `${bad.length === 1 ? "It holds" : "They hold"} ${share(sum("parameters"), model.parameters)} of the parameters and ${share(sum("macs"), state.base.macs)} of the multiply-accumulates. The first is `,
      h("button", { type: "button", text: shortened(first.name, 48), onclick: () => select(bad[0], true) }), ". "];
  },

  fine(judged, size) {
    const critical = state.counts.critical;
    return [`At ${size}, `, h("b", { text: judged ? "no layer is unproductive" : "no layer is judged" }),
      judged ? `: each of ${counted(judged, "judged layer")} still gets something that has not seen the whole image. ${critical ? `${critical} of them ${critical === 1 ? "passes" : "pass"} the size of the image. ` : ""}` : ". "];
  },

  range() {
    const jump = (sizes) => h("button", { type: "button", text: `${pixels(sizes)} px`, onclick: () => { state.sizes = [...sizes]; update(); } });
    const known = (sizes) => sizes && sizes.every((size) => size !== null);
    const words = [];
    if (known(model.least)) words.push("From ", jump(model.least), " on, none is. ");
    const context = state.base.layers.some((layer) => layer.judged && layer.receptive_field.global_context);
    if (known(model.most)) words.push(context ? "Apart from global context, no layer sees more than " : "No layer sees more than ", jump(model.most), context ? ". " : " whole. ");
    return words;
  },

  honest() {
    const { base } = state, same = pixels(base.resolution) === pixels(state.sizes);
    if (same && base.unsupported) return [h("span", { class: "quiet", text: `It cannot run at ${pixels(base.resolution)} px; maps are those at ${pixels(base.traced_at)} px.` })];
    if (same) return [];
    const sizes = pixels(base.traced_at);
    const more = model.steady ? "" : " Its footprints may depend on the image: they are those traced there.";
    return [h("span", { class: "quiet", text: `Traced at ${sizes} px; maps (≈) follow from strides.${more}` })];
  },
};

const themes = {
  names: ["auto", "light", "dark"],
  now: "auto",
  use(name) {
    themes.now = name;
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    byId("theme").textContent = `Theme: ${name}`;
  },
};

byId("slider").addEventListener("input", () => resize(slider.low * (slider.high / slider.low) ** (byId("slider").value / 1000)));
byId("slider").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
  if (!step) return;
  event.preventDefault();  // the slider's own step is less than a pixel where images are small
  resize(Math.max(...state.sizes) + step);
});
byId("pixels").addEventListener("input", () => slider.typed(byId("pixels").value));
byId("pixels").addEventListener("blur", () => slider.update());
byId("resolution").addEventListener("submit", (event) => event.preventDefault());
byId("filter").addEventListener("input", () => table.filter());
byId("judged").addEventListener("input", () => table.filter());
byId("theme").addEventListener("click", () => themes.use(themes.names[(themes.names.indexOf(themes.now) + 1) % 3]));
byId("download").addEventListener("click", () => {
  const { headline, general, blob: _, models: __, ...head } = report;
  const whole = { ...head, models: report.models.map((one, place) => embedded(`m${place}`)) };
  const file = new Blob([`${JSON.stringify(whole)}\n`], { type: "application/json" });
  const saved = h("a", { href: URL.createObjectURL(file), download: "rfa.json" });
  saved.click();
  URL.revokeObjectURL(saved.href);
});
themes.use("auto");
says.show();
models.show();
if (report.models.length) open(0);
