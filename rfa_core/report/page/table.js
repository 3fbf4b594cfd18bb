// The table of layers: sorted by any column, filtered by words, verdict and judged or not.
const table = {
  sort: { column: "place", down: false },
  verdict: null,

  columns() {
    const checked = model.resolutions.length > 1 ? model.resolutions.map((each, index) => ({
      key: `at${index}`, title: pixels(each.resolution), about: `verdict as checked at ${pixels(each.resolution)} px`,
      order: (row) => VERDICTS.indexOf(row.checked[index]),
    })) : [];
    return [
      { key: "place", title: "Layer", order: (row) => row.place },
      { key: "verdict", title: "Verdict", order: (row) => VERDICTS.indexOf(verdictAt(row.place)) },
      { key: "type", title: "Type", order: (row) => row.type },
      { key: "map", title: "Map", number: true, order: (row) => (row.layer.feature_map || [0]).reduce((a, b) => a * (b || 1), 1) },
      { key: "in", title: "Receives", number: true, order: (row) => sizeOf(row.layer.input.min, 0) },
      { key: "out", title: "Sees", number: true, order: (row) => sizeOf(row.layer.receptive_field.min, 0) },
      { key: "stride", title: "Stride", number: true, order: (row) => (row.layer.effective_stride || [0])[0] || 0 },
      { key: "parameters", title: "Parameters", number: true, order: (row) => row.layer.parameters },
      { key: "macs", title: "MACs", number: true, order: (row) => row.layer.macs },
      ...checked,
      { key: "file", title: "Line", order: (row) => `${row.layer.file || ""}:${String(row.layer.line || 0).padStart(7, "0")}` },
    ];
  },

  show() {
    const columns = table.columns();
    if (!columns.some((one) => one.key === table.sort.column)) table.sort = { column: "place", down: false };
    byId("layers").tHead.replaceChildren(h("tr", {}, ...columns.map((one) => h("th", { scope: "col", class: one.number ? "number" : null, "data-key": one.key },
      h("button", { type: "button", text: one.title, title: one.about || `Sort by ${one.title.toLowerCase()}`, onclick: () => table.by(one.key) })))));
    table.rows = model.layers.map((_, place) => table.row(place, columns));
    table.order();
  },

  row(place, columns) {
    const layer = model.resolutions.map((each) => each.byName.get(model.layers[place])).find(Boolean);
    const checked = model.resolutions.map((each) => (each.byName.get(layer.name) || { verdict: "not-judged" }).verdict);
    const type = `${clean(layer.type)}${layer.kernel.some((size) => size > 1) || /conv/.test(layer.operation) ? ` ${written(layer.kernel)}` : ""}${layer.stride.some((size) => size > 1) ? ` / ${pixels(layer.stride)}` : ""}`;
    const row = { place, layer, checked, type, cells: {} };
    row.element = h("tr", {}, ...columns.map((one) => (row.cells[one.key] = h("td", { class: one.number ? "number" : null }))));
    row.cells.place.append(h("button", { type: "button", class: "link", title: clean(layer.name), text: shortened(layer.name, 60), onclick: () => { select(place, true); } }));
    row.cells.type.textContent = shortened(type, 40);
    row.cells.parameters.textContent = layer.parameters ? thousands(layer.parameters) : "–";
    row.cells.macs.textContent = layer.macs ? thousands(layer.macs) : "–";
    row.cells.file.append(lineOf(layer.file, layer.line) || "");
    checked.forEach((verdict, index) => {
      if (row.cells[`at${index}`]) row.cells[`at${index}`].append(glyph(verdict), h("span", { class: "hidden-text", text: named(verdict) }));
    });
    row.words = `${layer.name} ${type} ${layer.file || ""}`.toLowerCase();
    return row;
  },

  by(column) {
    table.sort = { column, down: table.sort.column === column && !table.sort.down };
    table.order();
  },

  order() {
    const { column, down } = table.sort;
    const key = table.columns().find((one) => one.key === column).order;
    const sorted = table.rows.map((row) => [key(row), row]).sort(([a, one], [b, other]) =>
      (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1) || one.place - other.place);
    byId("layers").tBodies[0].replaceChildren(...sorted.map(([, row]) => row.element));
    for (const head of byId("layers").tHead.querySelectorAll("th")) {
      if (head.dataset.key === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    table.filter();
  },

  filter() {
    const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of table.rows) {
      const verdict = verdictAt(row.place), all = `${row.words} ${verdict} ${named(verdict)}`;
      const hidden = !layerAt(row.place) || (byId("judged").checked && verdict === "not-judged" && table.verdict !== "not-judged")
        || (table.verdict !== null && verdict !== table.verdict) || !words.every((word) => all.includes(word));
      row.element.hidden = hidden;
      shown += hidden ? 0 : 1;
    }
    byId("shown").textContent = `${shown} of ${counted(state.base.layers.length, "layer")}`;
  },

  update() {
    for (const row of table.rows) {
      const layer = layerAt(row.place) || row.layer, verdict = verdictAt(row.place);
      row.layer = layer;
      row.cells.map.textContent = layer.feature_map === null ? "–" : mapText(layer);
      row.cells.in.textContent = footprint(layer.input);
      row.cells.out.textContent = `${layer.receptive_field.exact ? "" : "≤ "}${footprint(layer.receptive_field)}`;
      row.cells.stride.textContent = layer.effective_stride === null ? "–" : pixels(layer.effective_stride.map((step) => step && +step.toFixed(2)), "–");
      row.element.classList.toggle("chosen", row.place === state.chosen);
      if (row.verdict === verdict) continue;
      row.verdict = verdict;
      row.element.dataset.verdict = verdict;
      row.cells.verdict.replaceChildren(h("span", { class: "verdict" }, glyph(verdict), h("span", { text: named(verdict) })));
    }
    if (table.sort.column === "verdict") table.order();
    else table.filter();
  },
};
