// Names are the user's data: what a reader would not see, or would be misled by, is spelled out.
function clean(text) {
  return String(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (char) => {
    if (char === "\n" || char === "\t") return " ";
    const code = char.codePointAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

function shortened(text, longest) {
  const words = clean(text);
  const end = Math.floor(longest / 2);
  return words.length <= longest ? words : `${words.slice(0, longest - end - 1)}…${words.slice(-end)}`;
}

// 64 where all axes agree, else 64x96.
function pixels(sizes, unknown = "∞") {
  if (sizes === null) return unknown;
  const words = sizes.map((size) => (size === null ? unknown : String(size)));
  return new Set(words).size === 1 ? words[0] : words.join("x");
}

function written(sizes, unknown = "–") {
  if (sizes === null || sizes.every((size) => size === null)) return unknown;
  return sizes.map((size) => (size === null ? unknown : String(+size.toFixed(3)))).join("x");
}

// 75–371: along the shortest path, along all local paths; ∞ where some path sees everything.
function footprint(extent) {
  const none = (sizes) => sizes === null || sizes.every((size) => size === null);
  if (none(extent.min) && none(extent.max)) return "∞";
  const low = pixels(extent.min), high = pixels(extent.max);
  const text = low === high ? low : `${low}–${high}`;
  return extent.global_context && !text.endsWith("∞") ? `${text} ∞` : text;
}

function thousands(number) {
  let value = number;
  for (const unit of ["", " k", " M", " G", " T"]) {
    if (value < 1000 || unit === " T") return `${unit ? value.toPrecision(3) : value}${unit}`;
    value /= 1000;
  }
  return "";
}

function percent(share) {
  const value = 100 * share;
  if (value > 0 && value < 0.1) return "<\u00a00.1\u00a0%";
  return value >= 9.95 ? `${value.toFixed(0)}\u00a0%` : `${value.toFixed(1).replace(/\.0$/, "")}\u00a0%`;
}

const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
const named = (verdict) => verdict.replace("-", " ");

// An element with attributes (`text` is its text, `on…` listeners) and children.
function h(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "title", "rect", "g"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") made.textContent = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const byId = (id) => document.getElementById(id);

function glyph(verdict) {
  return h("svg", { class: "g", viewBox: "-6 -6 12 12", "aria-hidden": "true" },
    h("path", { class: `glyph v-${verdict}`, d: SHAPES[verdict] }));
}

// Give a mark that is there already the shape and colour of a verdict.
function mark(path, verdict) {
  if (path.dataset.v === verdict) return;
  path.dataset.v = verdict;
  path.setAttribute("class", path.getAttribute("class").replace(/v-[a-z-]+/, `v-${verdict}`));
  path.setAttribute("d", SHAPES[verdict]);
}

// A rule's page; never a script.
function link(url, text) {
  return /^https?:/i.test(url) ? h("a", { href: url, rel: "noreferrer", text }) : h("span", { text });
}

// path.py:12, as a link where the address of the repository is known; null without a file.
function lineOf(file, line) {
  if (!file) return null;
  const text = line ? `${clean(file)}:${line}` : clean(file);
  const path = file.split("/").map((part) => encodeURIComponent(clean(part))).join("/");
  const made = report.blob ? link(`${report.blob}${path}#L${line || 1}`, text) : h("span", { text });
  made.classList.add("code");
  return made;
}
