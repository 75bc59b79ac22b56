// Several labels, each of them there or not: the map shows who has one of them, which a person chooses.

import { colour, muted } from "../palette.js";
import { element, fill } from "../view.js";

/** @typedef {import("./table.js").Target} Target */

const SHOWN = 6; // labels in an answer, the likeliest ones

/** @param {Target} target @param {number} i */
export const swatch = ({ truth, column }, i) => Number(truth[i].includes(column));

/** @param {Target} _ @param {number} has @param {boolean} dark */
export const paint = (_, has, dark) => ({ fill: has ? colour(0, dark) : muted(dark), hole: null });

/** @param {Target} target @returns {[number, string][]} */
export const legend = ({ names, column }) => [[1, names[column] ?? ""]];

/** @param {Target} target */
export const columns = ({ names }) => names;

/** @param {Target} target @param {number} i */
export const title = ({ names, truth }, i) => truth[i].map((/** @type {number} */ label) => names[label]).join(" · ");

/** @param {Target} target @param {number} i @param {string} name @param {import("../messages.js").Block} block @param {import("../view.js").Texts} texts */
export function answer({ names }, i, name, { data }, texts) {
  if (name !== "label_chance") return [];
  const chances = names.map((text, k) => ({ text, chance: data[i * names.length + k] / 255 })).sort((a, b) => b.chance - a.chance);
  const said = chances.slice(0, SHOWN).map(({ text, chance }) => `${text} ${chance.toFixed(2)}`).join(" · ");
  return [element("div", "fus-right", fill(texts.says, { prediction: said }))];
}
