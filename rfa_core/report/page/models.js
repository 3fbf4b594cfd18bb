// The index of a run over several models.
const models = {
  show() {
    byId("headline").textContent = report.headline;
    byId("run").hidden = report.models.length < 2 && !report.general.length;
    const heads = ["Model", "Image", "Verdicts", "Wasted parameters", "Feasible", "Findings"];
    const table_ = document.querySelector(".index");
    table_.tHead.replaceChildren(h("tr", {}, ...heads.map((text, column) =>
      h("th", { scope: "col", text, class: column === 3 || column === 5 ? "number" : null }))));
    table_.tBodies[0].replaceChildren(...report.models.map((one, place) => models.row(one, place)));
    for (const one of report.general) byId("headline").after(h("p", { text: `${one.code} ${clean(one.message)}` }));
  },

  // A line for each size that was checked.
  row(one, place) {
    const lines = (make) => one.checked.map((each) => h("div", {}, ...make(each)));
    const verdicts = ({ counts }) => VERDICTS.filter((verdict) => counts[verdict] && verdict !== "not-judged")
      .flatMap((verdict) => [glyph(verdict), ` ${counts[verdict]} `, h("span", { class: "hidden-text", text: named(verdict) })]);
    return h("tr", {},
      h("td", {}, h("button", { type: "button", class: "link", text: shortened(one.name, 70), title: clean(one.name), onclick: () => open(place) })),
      h("td", {}, ...lines((each) => [`${pixels(each.resolution)} px`])),
      h("td", { class: "verdicts" }, ...(one.checked.length ? lines(verdicts) : [clean(one.status)])),
      h("td", { class: "number" }, ...lines((each) => [percent(each.waste)])),
      h("td", { text: one.range }),
      h("td", { class: "number", text: String(one.findings) }));
  },

  update() {
    [...document.querySelector(".index").tBodies[0].rows].forEach((row, place) => row.classList.toggle("chosen", place === state.model));
  },
};
