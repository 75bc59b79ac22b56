// What shapes and colours stand for.

import { colour, mark, pathData, shape } from "./palette.js";
import { element } from "./view.js";

const NS = "http://www.w3.org/2000/svg";
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
      viewSet?.modalities.forEach(({ name }, m) => node.append(entry(texts[name] ?? name, [shape(m), "none", "currentColor"])));
      viewSet?.classes.forEach((text, label) => {
        const hole = mark(label), filled = /** @type {Layer} */ ([shape(0), colour(label, dark), "none"]);
        node.append(hole ? entry(text, filled, [hole, "var(--st-background-color)", "none"]) : entry(text, filled));
      });
    },
  };
}

/** @typedef {[outline: import("./palette.js").Outline, fill: string, stroke: string]} Layer */

/** @param {string} text @param {...Layer} layers */
function entry(text, ...layers) {
  const item = element("span", "fus-key"), svg = document.createElementNS(NS, "svg");
  for (const [name, value] of Object.entries({ width: "12", height: "12", viewBox: "0 0 12 12", "aria-hidden": "true" })) svg.setAttribute(name, value);
  for (const [outline, fill, stroke] of layers) {
    const path = document.createElementNS(NS, "path");
    for (const [name, value] of Object.entries({ d: pathData(outline, 6, 6, 4), fill, stroke })) path.setAttribute(name, value);
    svg.append(path);
  }
  item.append(svg, text);
  return item;
}
