// Contributions: the share of each modality in the score, what is lost when it is shuffled, its share of the gradient and how
// much its encoder learnt; then how much of the answer is interaction, and the calibration error. From a finished run's metrics.

import { component, element, setData } from "./view.js";

const PREFIX = "gradient/"; // of a record's keys
const UNDER_TRAINED = 0.05; // of accuracy that an encoder lacks against the same encoder trained alone

/**
 * @typedef {import("./messages.js").RunResult} RunResult
 * @typedef {Record<string, number>} Shares by modality
 * @typedef {import("./view.js").ViewData & { alone?: Shares }} Data
 */

export default component((root, /** @type {import("./view.js").View<Data>} */ view) => {
  root.classList.add("fus-contributions");
  /** @type {string | null | undefined} */
  let drawn = "";
  return {
    draw: () => {
      const { run, records = [], result } = view.stream ?? {}, key = result && JSON.stringify([run, records.length, view.data.alone]);
      if (key === drawn) return;
      drawn = key;
      root.replaceChildren();
      const shapley = result?.instruments?.shapley;
      if (result && shapley) lay(root, { ...result, instruments: { ...result.instruments, shapley } }, gradientShares(records), view.data);
      root.hidden = !root.children.length;
      setData(root, { view: "contributions", modalities: Object.keys(shapley ?? {}).join(" ") });
    },
  };
});

/** @param {HTMLElement} root @param {RunResult & { instruments: { shapley: Shares } }} result @param {Shares} shares @param {Data} data */
function lay(root, { instruments: diagnostics, metrics }, shares, { texts, alone = {} }) {
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
 * Modality -> its mean share of the gradient norms over the records that hold them.
 * @param {import("./messages.js").MetricRecord[]} records
 */
function gradientShares(records) {
  /** @type {Shares} */
  const sums = {};
  let count = 0;
  for (const record of records) {
    const norms = Object.entries(record).filter(([key]) => key.startsWith(PREFIX));
    const total = norms.reduce((sum, [, norm]) => sum + norm, 0);
    if (!total) continue;
    count += 1;
    for (const [key, norm] of norms) sums[key.slice(PREFIX.length)] = (sums[key.slice(PREFIX.length)] ?? 0) + norm / total;
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
}

/**
 * What a linear probe reads from the encoder, with a lamp when the same encoder learns more on its own.
 * @param {number | undefined} probe
 * @param {number | undefined} alone
 * @param {import("./view.js").Texts} texts
 */
function probeCell(probe, alone, texts) {
  const cell = element("td", "", probe === undefined ? "–" : probe.toFixed(2));
  if (probe === undefined || alone === undefined) return cell;
  const underTrained = probe < alone - UNDER_TRAINED;
  cell.append(element("span", underTrained ? "fus-lamp fus-wrong" : "fus-lamp", ` ${underTrained ? texts.under_trained : texts.alone} ${alone.toFixed(2)}`));
  if (underTrained) cell.dataset.underTrained = "1";
  return cell;
}
