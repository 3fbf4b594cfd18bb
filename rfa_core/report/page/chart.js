// The growth chart: marks, the line at the image size, the border layer.
const chart = {
  axis: 0,

  show() {
    chart.base = model.resolutions[0]; // what the band was drawn for
    const drawn = model.charts.length;
    chart.axis = Math.min(chart.axis, Math.max(drawn - 1, 0));
    const names = { 1: ["length"], 2: ["height", "width"], 3: ["depth", "height", "width"] }[model.axes] || [];
    byId("axes").replaceChildren(...(drawn < 2 ? [] : Array.from({ length: drawn }, (_, axis) =>
      h("button", { type: "button", text: names[axis] || `axis ${axis}`, "aria-pressed": String(axis === chart.axis),
        onclick: () => { chart.axis = axis; chart.show(); chart.update(); } }))));
    byId("chart").replaceChildren();
    if (!drawn) {
      byId("chart").append(h("p", { class: "quiet", text: "No layer looks at more than one position." }));
      return;
    }
    byId("chart").append(template(model.charts[chart.axis]));
    const svg = chart.svg = byId("chart").firstElementChild;
    chart.marks = [...svg.querySelectorAll(".point")].map((path) => {
      const title = path.appendChild(h("title"));
      const layer = Number(path.dataset.l);
      path.addEventListener("click", () => select(layer));
      return { path, title, layer, x: path.dataset.x, own: path.dataset.low, most: path.dataset.high, scale: Number((path.getAttribute("transform").match(/scale\((.*)\)/) || [0, 1])[1]) };
    });
    const grab = h("rect", { class: "grab", x: 0, y: -12, width: svg.viewBox.baseVal.width, height: 24 });
    svg.querySelector(".threshold").append(grab);
    grab.addEventListener("pointerdown", (event) => {
      grab.setPointerCapture(event.pointerId);
      grab.onpointermove = (moved) => resize(chart.sizeAt(moved.clientY));
      grab.onpointerup = () => { grab.onpointermove = null; };
    });
  },

  y(size) {
    const { top, foot, most } = chart.svg.dataset;
    return foot - (Math.log2(Math.max(size, 1)) / Math.log2(most)) * (foot - top);
  },

  // The pixels that a place on the screen stands for.
  sizeAt(clientY) {
    const { top, foot, most } = chart.svg.dataset;
    const box = chart.svg.getBoundingClientRect();
    const y = ((clientY - box.top) / box.height) * chart.svg.viewBox.baseVal.height;
    return Math.min(most, Math.max(1, 2 ** (((foot - y) / (foot - top)) * Math.log2(most))));
  },

  update() {
    if (!model.charts.length) return;
    const { svg, axis } = chart, size = state.sizes[axis], top = Number(svg.dataset.top);
    const y = Math.max(top, chart.y(size));
    const line = svg.querySelector(".threshold");
    line.setAttribute("transform", `translate(0 ${y})`);
    line.querySelector("text").textContent = `image: ${size} px`;
    svg.querySelector(".beyond").setAttribute("height", Math.max(0, y - top));
    let first = null;
    for (const one of chart.marks) {
      const layer = layerAt(one.layer), verdict = verdictAt(one.layer);
      mark(one.path, verdict);
      one.path.classList.toggle("chosen", one.layer === state.chosen);
      if (!layer) continue;
      const low = one.own ? Number(one.own) : sizeOf(layer.receptive_field.min, axis);
      const scale = verdict === "productive" || verdict === "not-judged" ? one.scale : Math.max(one.scale, 0.85);
      one.path.setAttribute("transform", `translate(${one.x} ${low === Infinity ? top : chart.y(low)})scale(${scale})`);
      one.title.textContent = `${clean(layer.name)}: sees ${footprint(layer.receptive_field)} px, ${named(verdict)}`;
      if (verdict === "unproductive" && (!first || one.layer < first.layer)) first = one;
    }
    if (chart.base !== state.base) chart.band();
    chart.border(first);
    svg.setAttribute("aria-label", `Receptive fields by depth, with ${counted(state.counts.unproductive, "unproductive layer")} at ${pixels(state.sizes)} pixels`);
  },

  // Between the shortest path and all local ones, by depth, for footprints that were traced elsewhere.
  band() {
    chart.base = state.base;
    const lows = new Map(), highs = new Map(), { svg, axis } = chart;
    const path = (ends) => ends.map(([x, size]) => `${x} ${chart.y(size)}`).join("L");
    for (const one of chart.marks) {
      const extent = (layerAt(one.layer) || {}).receptive_field;
      if (!extent) continue;
      const low = one.own ? Number(one.own) : sizeOf(extent.min, axis), high = one.own ? Number(one.most) : sizeOf(extent.max, axis);
      if (low && low < Infinity) lows.set(one.x, Math.min(low, lows.get(one.x) || low));
      if (high && high < Infinity) highs.set(one.x, Math.max(high, highs.get(one.x) || high));
    }
    if (!lows.size) return;
    const low = [...lows], high = [...highs];
    svg.querySelector(".low").setAttribute("d", `M${path(low)}`);
    svg.querySelector(".band").setAttribute("d", `M${path([...low, ...[...high].reverse()])}Z`);
    if (svg.querySelector(".high")) svg.querySelector(".high").setAttribute("d", high.length ? `M${path(high)}` : "");
    for (const [name, line] of [["min", low], ["max", high]]) {
      const label = svg.querySelector(`.end-${name}`);
      if (label && line.length) label.setAttribute("y", chart.y(line[line.length - 1][1]));
    }
  },

  border(first) {
    const group = chart.svg.querySelector(".border");
    group.setAttribute("visibility", first ? "visible" : "hidden");
    if (!first) return;
    const left = first.x < chart.svg.viewBox.baseVal.width / 2, text = group.querySelector("text");
    group.setAttribute("transform", `translate(${first.x} 0)`);
    text.setAttribute("x", left ? 6 : -6);
    text.setAttribute("text-anchor", left ? "start" : "end");
    text.textContent = `border layer: ${shortened(layerAt(first.layer).name, 32)}`;
  },
};
