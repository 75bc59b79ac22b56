// A vector of features: a line over its coordinates, zero within its range.

import { caption, chart, line } from "./line.js";

const HEIGHT = 36;

/** @param {import("./source.js").Source<import("../messages.js").VectorEntry>} source @param {number} i */
export function card(source, i) {
  const values = source.entry.values[i] ?? [], svg = chart("fus-trace", HEIGHT);
  const low = Math.min(...values, 0), high = Math.max(...values, 0), span = high - low || 1;
  line(svg, values.map((v) => (v - low) / span), 2, HEIGHT - 2);
  caption(svg, source.name);
  return svg;
}

export const thumbnail = card;
