// Contributions: the share of each modality in the score, what is lost when it is shuffled, its share of the gradient and how
// much its encoder learnt; then how much of the answer is interaction, and the calibration error. From a finished run's metrics.

import { component, element, setData } from "./view.js";

/**
 * @typedef {import("./messages.js").RunResult} RunResult
 * @typedef {Record<string, number>} Shares by modality
 *
 * The run on one modality alone, and whether this run's encoder falls short of it; null where that is not known.
 * @typedef {{ accuracy: number, under_trained: boolean | null }} Alone
 * @typedef {import("./view.js").ViewData & { alone?: Record<string, Alone> }} Data
 */

export default component((root, /** @type {import("./view.js").View<Data>} */ view) => {
  root.classList.add("fus-contributions");
  /** @type {RunResult | null | undefined} */
  let shown;
  let compared = "";
  return {
    draw: () => {
      const result = view.stream?.result, key = JSON.stringify(view.data.alone ?? {});
      if (result === shown && key === compared) return;
      [shown, compared] = [result, key];
      root.replaceChildren();
      const shapley = result?.instruments?.shapley;
      if (result && shapley) lay(root, { ...result, instruments: { ...result.instruments, shapley } }, view.data);
      root.hidden = !root.children.length;
      setData(root, { view: "contributions", modalities: Object.keys(shapley ?? {}).join(" ") });
    },
  };
});

/** @param {HTMLElement} root @param {RunResult & { instruments: { shapley: Shares } }} result @param {Data} data */
function lay(root, { instruments: diagnostics, metrics, gradient_share: shares = {} }, { texts, alone = {} }) {
  const names = Object.keys(diagnostics.shapley), table = root.appendChild(element("table", "fus-parttable"));
  const heads = ["title", "shapley", ...(diagnostics.perceptual ? ["perceptual"] : []), "gradient", "probe"];
  const head = table.appendChild(element("tr"));
  for (const name of heads) head.append(element("th", "", texts[name], { scope: "col", title: texts[`${name}.help`] ?? "" }));
  for (const name of names) {
    const row = table.appendChild(element("tr")), probe = metrics[`test/probe/${name}`];
    row.append(element("th", "", texts[name] ?? name, { scope: "row" }), element("td", "", diagnostics.shapley[name].toFixed(2)));
    if (diagnostics.perceptual) row.append(element("td", "", diagnostics.perceptual[name].toFixed(2)));
    row.append(element("td", "", name in shares ? shares[name].toFixed(2) : "–"));
    row.append(probeCell(probe, alone[name], texts));
  }
  /** @type {[name: string, value: number, help: string][]} */
  const facts = [];
  if (diagnostics.interaction !== undefined) facts.push([texts.additive, diagnostics.interaction, texts["additive.help"]]);
  if (metrics["test/ece"] !== undefined) facts.push([texts.ece, metrics["test/ece"], texts["ece.help"]]);
  const line = root.appendChild(element("div", "fus-facts"));
  for (const [name, value, help] of facts) line.append(element("span", "", `${name} ${value.toFixed(2)}`, { title: help }));
}

/**
 * What a linear probe reads from the encoder, with a lamp when the same encoder learns more on its own.
 * @param {number | undefined} probe
 * @param {Alone | undefined} alone
 * @param {import("./view.js").Texts} texts
 */
function probeCell(probe, alone, texts) {
  const cell = element("td", "", probe === undefined ? "–" : probe.toFixed(2));
  if (probe === undefined || !alone) return cell;
  const { accuracy, under_trained: underTrained } = alone;
  cell.append(element("span", underTrained ? "fus-lamp fus-wrong" : "fus-lamp", ` ${underTrained ? texts.under_trained : texts.alone} ${accuracy.toFixed(2)}`));
  if (underTrained) cell.dataset.underTrained = "1";
  return cell;
}
