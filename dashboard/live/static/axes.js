// Axes of a chart on a canvas: scales, round ticks, the grid, lines and bands.

import { muted as mutedOn } from "./palette.js";
import { formatNumber } from "./view.js";

/**
 * @typedef {import("./view.js").Texts} Texts
 * @typedef {import("./view.js").Theme} Theme
 * @typedef {import("./messages.js").CurvePoint} CurvePoint
 * @typedef {import("./messages.js").Baseline} Baseline
 * @typedef {{ x: number, w: number, h: number }} Box in CSS pixels
 *
 * `below`: some value lies under the axis.
 * @typedef {{ top?: number, bottom?: number, below?: boolean }} Bounds
 * @typedef {ReturnType<typeof axes>} Scale
 */

export const PAD = { left: 44, right: 10, top: 22, bottom: 26 }; // px around a chart

/** @param {Theme} style */
export const muted = (style) => mutedOn(style.dark);

/** @param {Bounds & { lines: { points: CurvePoint[] }[] }} plot @param {Box} box @param {{ stream: { status: Partial<import("./messages.js").RunStatus> } | undefined }} view */
export function axes(plot, box, view) {
  const all = plot.lines.flatMap((l) => l.points), values = all.flatMap((p) => [p.low, p.high]).sort((a, b) => a - b);
  const bottom = plot.bottom ?? Math.min(0, values[0] ?? 0);
  const top = plot.top ?? Math.max((values[Math.floor(values.length * 0.985)] ?? 1) * 1.08, 1e-6);
  const status = view.stream?.status ?? {}, epochs = Math.max(status.budget ? 0 : status.epochs ?? 1, all.at(-1)?.epoch ?? 0, 1);
  const left = box.x + PAD.left, width = box.w - PAD.left - PAD.right, height = box.h - PAD.top - PAD.bottom;
  return {
    top, bottom, epochs,
    x: (/** @type {number} */ epoch) => left + (epoch / epochs) * width,
    y: (/** @type {number} */ value) => PAD.top + height * (1 - (Math.min(Math.max(value, bottom), top) - bottom) / (top - bottom)),
    epoch: (/** @type {number} */ x) => ((x - left) / width) * epochs,
  };
}

/**
 * Round numbers for about `count` ticks.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 * @returns {number[]}
 */
export function ticks(low, high, count) {
  if (!(high > low)) return Number.isFinite(low) ? [low] : [];
  const raw = (high - low) / count, unit = 10 ** Math.floor(Math.log10(raw)), step = ([1, 2, 5].find((k) => k * unit >= raw) ?? 10) * unit;
  const first = Math.ceil(low / step), last = Math.min(Math.floor(high / step + 1e-6), first + 4 * count); // counted: beside 1e30 a step may be lost
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

/** @param {CanvasRenderingContext2D} context @param {Bounds} plot @param {Scale} scale @param {Box} box @param {{ data: { texts: Texts } }} view @param {Theme} style */
export function grid(context, plot, scale, box, view, style) {
  context.font = `11px ${style.font}`;
  context.lineWidth = 1;
  context.strokeStyle = style.line;
  context.fillStyle = muted(style);
  context.textAlign = "right";
  for (const value of ticks(scale.bottom, scale.top, 4)) {
    const y = Math.round(scale.y(value)) + 0.5;
    stroke(context, [[box.x + PAD.left, y], [box.x + box.w - PAD.right, y]]);
    const cut = plot.below && value === scale.bottom ? "≤ " : ""; // an R2 below 0 is drawn at the edge, and the edge says so
    context.fillText(`${cut}${Math.abs(value) < 1e5 ? value : value.toExponential().replace("e+", "e")}`, box.x + PAD.left - 6, y + 4);
  }
  context.textAlign = "center";
  for (const epoch of ticks(0, scale.epochs, 5)) if (Number.isInteger(epoch)) context.fillText(String(epoch), scale.x(epoch), box.h - 12);
  context.textAlign = "right";
  context.fillText(view.data.texts.epoch, box.x + box.w - PAD.right, box.h - 1);
}

/** @param {CanvasRenderingContext2D} context @param {Baseline} mark @param {Scale} scale @param {Box} box @param {Theme} style */
export function rule(context, mark, scale, box, style) {
  context.save();
  context.setLineDash([4, 4]);
  context.strokeStyle = style.text;
  context.globalAlpha = 0.6;
  const y = scale.y(mark.value);
  stroke(context, [[box.x + PAD.left, y], [box.x + box.w - PAD.right, y]]);
  context.restore();
  context.fillStyle = style.text;
  context.textAlign = "right";
  context.font = `11px ${style.font}`;
  context.fillText(`${mark.name} ${formatNumber(mark.value, 2)}`, box.x + box.w - PAD.right, y - 4);
}

/** @param {CanvasRenderingContext2D} context @param {CurvePoint[]} points @param {Scale} scale */
export function band(context, points, scale) {
  context.save();
  context.globalAlpha = 0.18;
  context.beginPath();
  for (const p of points) context.lineTo(scale.x(p.epoch), scale.y(p.high));
  for (const p of [...points].reverse()) context.lineTo(scale.x(p.epoch), scale.y(p.low));
  context.fill();
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {[x: number, y: number][]} points */
export function stroke(context, points) {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.stroke();
}
