// A series: a line per channel, one below the other, each on the channel's own scale over all samples; time to the right.

import { caption, chart, line } from "./line.js";
import { bytes } from "./source.js";

const BAND = 14, TALLEST = 140; // px of a channel in a card, and of them all

/** @typedef {import("./source.js").Source<import("../messages.js").SeriesEntry>} SeriesSource */

/** @param {SeriesSource} source @param {number} i */
export const thumbnail = (source, i) => series(source, i, "fus-trace");

/** @param {SeriesSource} source @param {number} i */
export function card(source, i) {
  const svg = series(source, i, "fus-trace fus-series");
  svg.style.height = `${Math.min(TALLEST, Math.max(36, BAND * source.entry.range.length))}px`;
  return svg;
}

/** @param {SeriesSource} source @param {number} i @param {string} classes */
function series(source, i, classes) {
  const { range, rate, offsets } = source.entry, channels = range.length, svg = chart(classes, channels * BAND);
  const lengths = offsets.slice(1).map((end, k) => end - (offsets[k] ?? 0)), longest = Math.max(...lengths), length = lengths[i] ?? 0;
  const ends = range.map(([low, high]) => `${low} … ${high}`).join("; ");
  caption(svg, `${source.name}: 0 … ${Number((length / rate).toPrecision(3))} s; ${ends}`);
  levels(source, i).then((curves) => curves.forEach((values, c) => line(svg, values, c * BAND + 1, (c + 1) * BAND - 1, length / longest)));
  return svg;
}

/**
 * The channels of a sample, 0..1 from a channel's lowest to its highest value.
 * @param {SeriesSource} source
 * @param {number} i
 * @returns {Promise<number[][]>}
 */
export async function levels(source, i) {
  const { file, offsets, range } = source.entry, start = offsets[i] ?? 0, length = (offsets[i + 1] ?? start) - start;
  const view = new DataView(await bytes(source, file), 2 * start * range.length, 2 * length * range.length);
  const at = (/** @type {number} */ c, /** @type {number} */ k) => view.getUint16(2 * (c * length + k), true) / 65535;
  return range.map((_, c) => Array.from({ length }, (_value, k) => at(c, k)));
}
