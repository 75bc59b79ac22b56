// The three numbers, of the picture on the screen; beside each what it was before training. One that not every run has
// comes and goes with its value.

import { component, element, formatNumber, fill } from "./view.js";

/** @typedef {{ key: string, name: string, help?: string, optional: boolean }} NumberField */

export default component((root, /** @type {import("./view.js").View<import("./view.js").ViewData & { numbers: NumberField[] }>} */ view) => {
  const { texts, numbers } = view.data;
  root.classList.add("fus-numbers");
  const cells = numbers.map(({ key, name, help, optional }) => {
    const cell = element("div", "fus-number", "", { title: help ?? "" });
    if (!optional) root.append(cell);
    cell.append(element("div", "fus-numbername", name));
    const value = cell.appendChild(element("div", "fus-value", "–"));
    const before = cell.appendChild(element("div", "fus-before"));
    cell.dataset.metric = key;
    return { key, cell, value, before, optional };
  });
  return {
    draw: () => {
      const values = shown(view.stream), first = /** @type {Partial<import("./messages.js").MetricRecord>} */ (view.stream?.records[0] ?? {});
      for (const { key, cell, value, before, optional } of cells) {
        const number = values[key], finite = Number.isFinite(number);
        if (optional && finite !== cell.isConnected) {
          if (finite) root.append(cell);
          else cell.remove();
        }
        value.textContent = formatNumber(number, 2);
        before.textContent = first[key] === undefined ? "" : fill(texts.before, { value: formatNumber(first[key], 2) });
      }
      Object.assign(root.dataset, { run: view.data.runs.join(" "), step: String(values.step ?? "") });
    },
  };
});

/**
 * The values at the position of the viewer: the picture's own, or the newest test values where there is no picture.
 * @param {import("./run_stream.js").RunStream | undefined} stream
 * @returns {Partial<import("./messages.js").MetricRecord>}
 */
function shown(stream) {
  const header = stream?.frame()?.header;
  if (header) return { step: header.step, ...header.values };
  return stream?.records.findLast((record) => "test/loss" in record) ?? {};
}
