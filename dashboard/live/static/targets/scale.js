// Numbers with units: a colour scale over one of them, which a person chooses.

import { ramp } from "../palette.js";
import { element, fill, formatNumber } from "../view.js";

/** @typedef {import("./table.js").Target} Target */

const LEVELS = 16; // of the scale: so many stamps are drawn once and copied
const PALEST = 80; // of 255: the ramp begins at the ground itself

/** @param {Target} target @param {number} i */
export function swatch({ truth, range, column }, i) {
  const [low, high] = range[column], share = (truth[i][column] - low) / (high - low || 1);
  return Math.min(LEVELS - 1, Math.floor(share * LEVELS));
}

/** @param {Target} _ @param {number} level @param {boolean} dark */
export function paint(_, level, dark) {
  const at = 3 * Math.round(PALEST + ((255 - PALEST) * level) / (LEVELS - 1));
  return { fill: `rgb(${[...ramp(dark).subarray(at, at + 3)].join(" ")})`, hole: null };
}

/** @param {Target} target @returns {[number, string][]} */
export function legend({ range, units, column }) {
  const [low, high] = range[column];
  return [[0, low], [Math.floor(LEVELS / 2), (low + high) / 2], [LEVELS - 1, high]].map(([level, value]) => [level, withUnit(value, units[column])]);
}

/** @param {Target} target */
export const columns = ({ names }) => names;

/** @param {Target} target @param {number} i */
export const title = (target, i) => values(target, (k) => target.truth[i][k]);

/** @param {Target} target @param {number} i @param {string} name @param {import("../messages.js").Block} block @param {import("../view.js").Texts} texts */
export function answer(target, i, name, { data }, texts) {
  if (name !== "value") return [];
  return [element("div", "fus-right", fill(texts.says, { prediction: values(target, (k) => data[i * target.names.length + k]) }))];
}

/** @param {Target} target @param {(column: number) => number} of */
const values = ({ names, units }, of) => names.map((name, k) => `${name} ${withUnit(of(k), units[k])}`).join(" · ");

/** @param {number} value @param {string | undefined} unit */
const withUnit = (value, unit) => [formatNumber(value, 2), unit].filter(Boolean).join(" ");
