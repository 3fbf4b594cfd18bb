// The findings of the model; j and k step through them, and the page follows.
const findings = {
  current: -1,
  list: [],

  show() {
    findings.current = -1;
    findings.list = report.findings.filter((one) => one.model === model.name);
    byId("findings").replaceChildren(...findings.list.map((one, place) => findings.item(one, place)));
    if (!findings.list.length) byId("findings").append(h("li", { class: "quiet", text: "None." }));
  },

  item(one, place) {
    const where = lineOf(one.file, one.line), at = one.resolution === null ? "" : ` at ${pixels(one.resolution)} px`;
    return h("li", { tabindex: "-1", onclick: (event) => { if (!event.target.closest("a, button")) findings.go(place); } },
      h("p", {}, h("span", { class: `severity ${one.severity}`, text: one.severity }), h("span", { class: "rule" }, link(one.url, `${one.code} ${one.name}`)), at),
      h("p", { text: clean(one.message) }),
      one.help ? h("p", { class: "help", text: clean(one.help) }) : null,
      h("p", { class: "where" }, where, where && one.layers.length ? " · " : "",
        one.layers.length ? h("button", { type: "button", class: "link", text: `show ${one.layers.length > 1 ? counted(one.layers.length, "layer") : shortened(one.layers[0], 40)}`, onclick: () => findings.go(place) }) : null));
  },

  step(by) {
    if (findings.list.length) findings.go(Math.min(Math.max(findings.current + by, 0), findings.list.length - 1));
  },

  go(place) {
    findings.current = place;
    const one = findings.list[place];
    [...byId("findings").children].forEach((item, index) => {
      if (index === place) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    });
    const item = byId("findings").children[place];
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
    if (one.resolution !== null) state.sizes = [...one.resolution];
    const layer = model.layers.indexOf(one.layers[0]);
    if (layer >= 0) { state.chosen = layer; map.reveal(layer); }
    update();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(input|select|textarea)$/i.test(event.target.tagName)) return;
  if (event.key === "j") findings.step(1);
  if (event.key === "k") findings.step(-1);
});
