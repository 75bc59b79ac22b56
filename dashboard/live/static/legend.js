// What shapes and colours stand for; of a target with several columns, which one colours the map.

import { pathData, shape } from "./palette.js";
import { drawing } from "./targets/table.js";
import { element } from "./view.js";

const NS = "http://www.w3.org/2000/svg";

/**
 * @param {HTMLElement} root
 * @param {() => void} chosen  another column
 */
export function legend(root, chosen) {
  const node = root.appendChild(element("div", "fus-legend"));
  /** @type {unknown[]} */
  let drawn = [];
  return {
    /**
     * @param {import("./messages.js").ViewSet | null | undefined} viewSet
     * @param {import("./targets/table.js").Target | null} target
     * @param {boolean} dark
     * @param {import("./view.js").Texts} texts
     */
    draw(viewSet, target, dark, texts) {
      const wanted = [viewSet, target, target && drawing(target), target?.column, dark, texts];
      if (wanted.every((value, i) => value === drawn[i])) return;
      drawn = wanted;
      node.replaceChildren();
      viewSet?.modalities.forEach(({ name }, m) => node.append(entry(texts[name] ?? name, [shape(m), "none", "currentColor"])));
      if (!target) return;
      const { columns, legend: keys, paint } = drawing(target);
      if (columns(target).length > 1) node.append(choice(columns(target), target, texts, chosen));
      for (const [swatch, text] of keys(target)) {
        const { fill, hole } = paint(target, swatch, dark), filled = /** @type {Layer} */ ([shape(0), fill, "none"]);
        node.append(hole ? entry(text, filled, [hole, "var(--st-background-color)", "none"]) : entry(text, filled));
      }
    },
  };
}

/** @param {string[]} names @param {import("./targets/table.js").Target} target @param {import("./view.js").Texts} texts @param {() => void} chosen */
function choice(names, target, texts, chosen) {
  const select = element("select", "fus-select fus-column", "", { "aria-label": texts.colour ?? "", title: texts.colour ?? "" });
  names.forEach((name, k) => select.append(element("option", "", name, { value: String(k) })));
  select.value = String(target.column);
  select.onchange = () => ((target.column = Number(select.value)), chosen());
  return select;
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
