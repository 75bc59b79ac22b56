// One class of several: a colour and a mark each.

import { colour, mark } from "../palette.js";
import { element, fill } from "../view.js";

/** @typedef {import("./table.js").Target} Target */

/** @param {Target} target @param {number} i */
export const swatch = ({ truth }, i) => truth[i];

/** @param {Target} _ @param {number} label @param {boolean} dark */
export const paint = (_, label, dark) => ({ fill: colour(label, dark), hole: mark(label) });

/** @param {Target} target @returns {[number, string][]} */
export const legend = ({ names }) => names.map((text, label) => [label, text]);

export const columns = () => [];

/** @param {Target} target @param {number} i */
export const title = ({ names, truth }, i) => names[truth[i]] ?? "";

/** @param {Target} target @param {number} i @param {string} name @param {import("../messages.js").Block} block @param {import("../view.js").Texts} texts */
export function answer({ names, truth }, i, name, { data }, texts) {
  if (name !== "prediction") return [];
  const right = data[i] === truth[i];
  return [element("div", right ? "fus-right" : "fus-wrong", fill(right ? texts.right : texts.wrong, { prediction: names[data[i]] ?? "" }))];
}
