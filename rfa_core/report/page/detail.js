// What is known of the layer that was chosen, and why its verdict is what it is.
const detail = {
  update() {
    const layer = layerAt(state.chosen);
    if (!layer) {
      byId("detail").replaceChildren(h("p", { class: "quiet", text: "Choose a layer in the chart, the map or the table." }));
      return;
    }
    const verdict = verdictAt(state.chosen), window = layer.kernel.some((size) => size > 1);
    const facts = [
      ["type", clean(layer.type)],
      ["kernel", window ? `${written(layer.kernel)}, stride ${pixels(layer.stride)}${layer.dilation.some((gap) => gap > 1) ? `, dilation ${pixels(layer.dilation)}` : ""}` : null],
      ["receives", `${footprint(layer.input)} px`],
      ["sees", `${layer.receptive_field.exact ? "" : "at most "}${footprint(layer.receptive_field)} px`],
      ["map", layer.feature_map === null ? null : `${mapText(layer)}${layer.effective_stride ? `, stride ${pixels(layer.effective_stride.map((step) => step && +step.toFixed(3)))}` : ""}`],
      ["cost", layer.parameters || layer.macs ? `${layer.parameters.toLocaleString("en")} parameters, ${thousands(layer.macs)} multiply-accumulates` : null],
      ["calls", layer.calls > 1 ? `${layer.calls}; the verdict is that of the best` : null],
      ["line", lineOf(layer.file, layer.line)],
    ].filter(([, value]) => value !== null);
    byId("detail").replaceChildren(
      h("div", {}, h("h3", { text: shortened(layer.name, 120) }),
        h("p", { class: "why" }, glyph(verdict), ` ${detail.why(layer, verdict)}`),
        ...layer.inexact.map((reason) => h("p", { class: "quiet", text: `Only a bound: ${clean(reason)}` }))),
      h("dl", {}, ...facts.flatMap(([key, value]) => [h("dt", { text: key }), h("dd", {}, value)])));
  },

  why(layer, verdict) {
    const image = `${pixels(state.sizes)} px`, before = pixels(layer.input.min), after = pixels(layer.receptive_field.min);
    const tie = layer.input.min !== null && layer.input.min.every((size, axis) => size === state.sizes[axis]);
    switch (verdict) {
      case "unproductive":
        return `Unproductive: along every path, what it receives has already seen ${before} px, ${tie ? "exactly" : "more than"} the whole image of ${image}${tie ? " (a tie, which counts)" : ""}. It cannot add context.`;
      case "critical":
        return `Critical: what it receives has seen ${before} px, what it makes sees ${after} px, more than the image of ${image}. The last context comes in here.`;
      case "partial":
        return `Partial: it sees ${after} px, past the image of ${image} on some axes only.`;
      case "full-kernel":
        return `Full kernel: its kernel of ${written(layer.kernel)} covers the whole map that it receives: a dense layer in disguise.`;
      case "productive":
        return `Productive: it sees ${after} px of an image of ${image} and can add context.`;
      default:
        return layer.receptive_field.min === null ? "Not judged: every path into it has seen everything." : "Not judged: it has no weights that it applies at positions.";
    }
  },
};
