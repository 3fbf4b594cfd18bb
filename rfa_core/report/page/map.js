// The map: one module at a time, a way back, and cells for what is inside.
const map = {
  module: 0,
  block: null, // { parent, part, place }: which block of a stack is shown

  show(module = 0, block = null) {
    map.module = module;
    map.block = block;
    const shown = model.modules[module];
    byId("map").replaceChildren();
    map.crumbs();
    if (!shown) {
      byId("map").append(h("p", { class: "quiet", text: model.unmapped }));
      return;
    }
    byId("map").append(template(`${model.id}-d${shown.drawing}`));
    byId("map").scrollTop = 0;
    const svg = byId("map").firstElementChild;
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", clean(shown.name));
    map.nodes = [...svg.querySelectorAll(".node")].map((node) => map.node(node, shown.parts[node.dataset.i]));
    svg.style.minWidth = `${0.62 * svg.width.baseVal.value}px`;
  },

  node(element, part) {
    const cells = [...element.querySelectorAll(".cell")];
    const open = (place) => map.open(part, place);
    element.addEventListener("click", (event) => {
      const place = cells.indexOf(event.target);
      if (part.layers && place >= 0 && !part.blocks) select(part.layers[place]);
      else open(Math.max(place, 0));
    });
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(0); }
    });
    return {
      element, part, cells,
      title: element.querySelector("title"),
      glyph: element.querySelector(".glyph"),
      sight: element.querySelector(".sight"),
      place: element.querySelector(".place"),
    };
  },

  open(part, place) {
    if (part.blocks) {
      const block = part.blocks[place];
      if ("module" in block) map.enter(block.module, { part, place });
      else select(block.layer);
    } else if ("module" in part) map.enter(part.module, null);
    else select(part.layer);
  },

  enter(module, block) {
    map.show(module, block);
    map.update();
    const first = byId("crumbs").querySelector("li:nth-last-child(2) button");
    if (first) first.focus({ preventScroll: true });
  },

  update() {
    for (const one of model.modules.length ? map.nodes : []) {
      const { part, element } = one;
      const last = part.blocks || "module" in part ? part.end : part.layer;
      const layer = layerAt(last);
      const seen = part.sight || (layer ? `r ${layer.receptive_field.exact ? "" : "≤ "}${footprint(layer.receptive_field)}` : "");
      one.sight.textContent = seen;
      one.place.textContent = layer ? map.size("own" in part ? part.own : layer) : "";
      if (one.glyph) map.mark(one);
      one.cells.forEach((cell, place) => mark(cell, part.blocks
        ? worst(part.blocks[place].layers.map(verdictAt)) : verdictAt(part.layers[place])));
      element.classList.toggle("chosen", part.layer >= 0 && part.layer === state.chosen);
      one.title.textContent = map.title(one, layer);
      element.setAttribute("aria-label", one.title.textContent);
    }
  },

  mark(one) {
    const verdict = verdictAt(one.part.layer);
    mark(one.glyph, verdict);
    one.element.setAttribute("class", `node box v-${verdict}`);
  },

  size(layer) {
    if (layer === null || layer.feature_map === null) return "";
    const stride = layer.effective_stride === null ? "" : `, stride ${pixels(layer.effective_stride.map((step) => step && +step.toFixed(2)))}`;
    return `${mapText(layer)}${stride}`;
  },

  title(one, layer) {
    const name = one.element.querySelector(".name").textContent;
    if (one.glyph) {
      if (!layer) return name;
      const folded = one.part.folded.length ? `, with ${one.part.folded.map(clean).join(", ")}` : "";
      return `${clean(layer.name)}, ${clean(layer.type)}: ${named(verdictAt(one.part.layer))}; reads what sees ${footprint(layer.input)} px, sees ${footprint(layer.receptive_field)} px${folded}`;
    }
    const inside = one.part.blocks ? one.part.blocks.flatMap((block) => block.layers) : one.part.layers;
    return `Open ${name}: ${summed(inside.map(verdictAt))}`;
  },

  crumbs() {
    const way = [];
    for (let module = map.module; module >= 0 && model.modules[module]; module = model.modules[module].above) way.unshift(module);
    const items = way.map((module, depth) => {
      const name = shortened(model.modules[module].name, 28);
      return depth === way.length - 1 ? h("li", { "aria-current": "location", text: name })
        : h("li", {}, h("button", { type: "button", text: name, onclick: () => { map.show(module); map.update(); } }));
    });
    if (map.block) items.push(map.turns());
    byId("crumbs").replaceChildren(...(way.length > 1 ? items : []));
  },

  // To the blocks before and after, in a stack.
  turns() {
    const { part, place } = map.block, number = part.blocks.length;
    const turn = (to, text, label) => h("button", { type: "button", text, "aria-label": label, disabled: to < 0 || to >= number,
      onclick: () => { map.show(part.blocks[to].module, { part, place: to }); map.update(); } });
    return h("li", { class: "turn" }, turn(place - 1, "‹", "Block before"), ` ${place + 1} of ${number} `, turn(place + 1, "›", "Next block"));
  },

  // The module that a layer is drawn in.
  find(layer) {
    for (const [number, module] of model.modules.entries()) {
      if (module.parts.some((part) => part.layer === layer || (part.blocks || []).some((block) => block.layer === layer))) return number;
    }
    return -1;
  },

  reveal(layer) {
    const module = map.find(layer);
    if (module < 0 || module === map.module) return;
    let block = null;
    for (const part of model.modules.flatMap((one) => one.parts)) {
      const place = (part.blocks || []).findIndex((one) => one.module === module);
      if (place >= 0) block = { part, place };
    }
    map.show(module, block);
  },
};

function worst(verdicts) {
  return VERDICTS[Math.min(...verdicts.map((one) => VERDICTS.indexOf(one)), VERDICTS.length - 1)];
}

function summed(verdicts) {
  const words = VERDICTS.map((one) => [one, verdicts.filter((other) => other === one).length])
    .filter(([one, number]) => number && one !== "not-judged").map(([one, number]) => `${number} ${named(one)}`);
  return words.join(", ") || "no judged layers";
}
