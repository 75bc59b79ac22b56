// Who contributes: each sense's share of the score, what is lost when it is shuffled, how strongly it was taught and
// how much its encoder learnt; then how much of the answer is interaction, and how honest the confidences are. From a finished run's own figures.

import { component, element, note } from "./view.js";

const PREFIX = "gradient/"; // of a record's figures
const STARVED = 0.05; // of accuracy that an encoder lacks against the same encoder trained alone

export default component((root, view) => {
  root.classList.add("fus-who");
  let drawn = null;
  return {
    draw: () => {
      const result = view.stream?.result, key = result && JSON.stringify([view.stream.run, view.stream.records.length, view.data.alone]);
      if (key === drawn) return;
      drawn = key;
      root.replaceChildren();
      if (result?.instruments?.shapley) lay(root, result, taught(view.stream.records), view.data);
      root.hidden = !root.children.length;
      note(root, { view: "who", senses: Object.keys(result?.instruments?.shapley ?? {}).join(" ") });
    },
  };
});

function lay(root, { instruments: seen, metrics }, shares, { texts, alone = {} }) {
  const names = Object.keys(seen.shapley), table = root.appendChild(element("table", "fus-parttable"));
  const heads = [["title", "title"], ["shapley", "shapley.help"], seen.perceptual && ["perceptual", "perceptual.help"], ["gradient", "gradient.help"], ["probe", "probe.help"]].filter(Boolean);
  const head = table.appendChild(element("tr"));
  for (const [name, help] of heads) head.append(element("th", "", texts[name], { scope: "col", title: texts[help] ?? "" }));
  for (const name of names) {
    const row = table.appendChild(element("tr")), probe = metrics[`test/probe/${name}`];
    row.append(element("th", "", texts[name] ?? name, { scope: "row" }), element("td", "", seen.shapley[name].toFixed(2)));
    if (seen.perceptual) row.append(element("td", "", seen.perceptual[name].toFixed(2)));
    row.append(element("td", "", name in shares ? shares[name].toFixed(2) : "–"));
    row.append(learnt(probe, alone[name], texts));
  }
  const facts = [];
  if (seen.interaction !== undefined) facts.push([texts.additive, seen.interaction, texts["additive.help"]]);
  if (metrics["test/ece"] !== undefined) facts.push([texts.ece, metrics["test/ece"], texts["ece.help"]]);
  const line = root.appendChild(element("div", "fus-facts"));
  for (const [name, value, help] of facts) line.append(element("span", "", `${name} ${value.toFixed(2)}`, { title: help }));
}

/** Sense -> its mean share of the gradient's length over the records that tell it. */
function taught(records) {
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

/** What a linear reader finds in the encoder, with a lamp when the same encoder learns more on its own. */
function learnt(probe, alone, texts) {
  const cell = element("td", "", probe === undefined ? "–" : probe.toFixed(2));
  if (probe === undefined || alone === undefined) return cell;
  const starved = probe < alone - STARVED;
  cell.append(element("span", starved ? "fus-lamp fus-wrong" : "fus-lamp", ` ${starved ? texts.starved : texts.fed} ${alone.toFixed(2)}`));
  if (starved) cell.dataset.starved = "1";
  return cell;
}
