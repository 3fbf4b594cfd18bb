// The index of a run over several models.
const models = {
  show() {
    at("headline").textContent = report.headline;
    at("run").hidden = report.models.length < 2 && !report.general.length;
    const heads = ["Model", "Image", "Verdicts", "Wasted parameters", "Feasible", "Findings"];
    const table_ = document.querySelector(".index");
    table_.tHead.replaceChildren(h("tr", {}, ...heads.map((text) => h("th", { scope: "col", text }))));
    table_.tBodies[0].replaceChildren(...report.models.map((one, place_) => models.row(one, place_)));
    for (const one of report.general) at("headline").after(h("p", { text: `${one.code} ${clean(one.message)}` }));
  },

  row(one, place_) {
    const counts = one.counts ? VERDICTS.filter((verdict) => one.counts[verdict] && verdict !== "not-judged") : [];
    const verdicts = counts.flatMap((verdict) => [glyph(verdict), h("span", { class: "hidden-text", text: named(verdict) }), ` ${one.counts[verdict]}  `]);
    const cells = [
      h("td", {}, h("button", { type: "button", class: "link", text: shortened(one.name, 70), title: clean(one.name), onclick: () => open(place_) })),
      h("td", { text: one.resolution ? `${pixels(one.resolution)} px` : "" }),
      h("td", {}, ...(one.counts ? verdicts : [clean(one.status)])),
      h("td", { class: "number", text: one.waste === null ? "" : percent(one.waste) }),
      h("td", { text: one.range }),
      h("td", { class: "number", text: String(one.findings) }),
    ];
    return h("tr", {}, ...cells);
  },

  update() {
    [...document.querySelector(".index").tBodies[0].rows].forEach((row, place_) => row.classList.toggle("chosen", place_ === state.model));
  },
};
