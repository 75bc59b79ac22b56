// What shapes and colours stand for.

import { colour, SHAPES } from "./palette.js";
import { element } from "./view.js";

const NS = "http://www.w3.org/2000/svg";
const PATHS = ["M2 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M2.5 2.5h7v7h-7z", "M6 1.5L10.5 9.5h-9z", "M6 1L11 6L6 11L1 6z",
  "M6 10.5L1.5 2.5h9z", "M4.5 1h3v3.5h3.5v3h-3.5v3.5h-3v-3.5H1v-3h3.5z", "M11 6L8.5 10.2h-5L1 6L3.5 1.8h5z", "M1.5 2L10.5 10V2L1.5 10z"];

/** @param {HTMLElement} root */
export function legend(root) {
  const node = root.appendChild(element("div", "fus-legend"));
  /** @type {unknown[]} */
  let drawn = [];
  return {
    /**
     * @param {import("./messages.js").ViewSet | null | undefined} viewSet
     * @param {boolean} dark
     * @param {import("./view.js").Texts} texts
     */
    draw(viewSet, dark, texts) {
      const wanted = [viewSet, dark, texts];
      if (wanted.every((value, i) => value === drawn[i])) return;
      drawn = wanted;
      node.replaceChildren();
      viewSet?.modalities.forEach(({ name: modality }, m) => node.append(entry(texts[modality] ?? modality, m, "none", "currentColor")));
      viewSet?.classes.forEach((text, label) => node.append(entry(text, 0, colour(label, dark), "none")));
    },
  };
}

/** @param {string} text @param {number} m @param {string} fill @param {string} stroke */
function entry(text, m, fill, stroke) {
  const item = element("span", "fus-key"), mark = document.createElementNS(NS, "svg"), path = document.createElementNS(NS, "path");
  for (const [name, value] of Object.entries({ width: "12", height: "12", viewBox: "0 0 12 12", "aria-hidden": "true" })) mark.setAttribute(name, value);
  for (const [name, value] of Object.entries({ d: PATHS[m % SHAPES], fill, stroke })) path.setAttribute(name, value);
  mark.append(path);
  item.append(mark, text);
  return item;
}
