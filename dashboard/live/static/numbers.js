// The three numbers, of the picture on the screen; beside each what it was before training.

import { component, element, fill } from "./view.js";

export default component((root, view) => {
  const { texts, numbers } = view.data;
  root.classList.add("fus-numbers");
  const cells = numbers.map(({ key, name, help }) => {
    const cell = root.appendChild(element("div", "fus-number", "", { title: help ?? "" }));
    cell.append(element("div", "fus-numbername", name));
    const value = cell.appendChild(element("div", "fus-value", "–"));
    const before = cell.appendChild(element("div", "fus-before"));
    cell.dataset.metric = key;
    return { key, value, before };
  });
  return {
    draw: () => {
      const values = shown(view.stream), first = view.stream?.records[0] ?? {};
      for (const { key, value, before } of cells) {
        const number = values[key];
        value.textContent = number === undefined ? "–" : number.toFixed(2);
        before.textContent = first[key] === undefined ? "" : fill(texts.before, { value: first[key].toFixed(2) });
      }
      Object.assign(root.dataset, { run: view.data.runs.join(" "), step: values.step ?? "" });
    },
  };
});

/** The values at the viewer's place: the picture's own, or the newest test values where there is no picture. */
function shown(stream) {
  const header = stream?.frame()?.header;
  if (header) return { step: header.step, ...header.values };
  return stream?.records.findLast((record) => "test/loss" in record) ?? {};
}
