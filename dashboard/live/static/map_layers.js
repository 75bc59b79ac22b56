// What the map draws: links between partners, a stamp per point, the marked samples.

import { shape, trace } from "./palette.js";
import { drawing, shows } from "./targets/table.js";
import { context2d } from "./view.js";

/**
 * @typedef {import("./view.js").Theme} Theme
 * @typedef {import("./targets/table.js").Target} Target
 *
 * The points of modality `m`: `n` of them, their radius in CSS pixels, and what colours them.
 * @typedef {{ m: number, n: number, r: number, target: Target, style: Theme }} Points
 */

/** @type {Map<string, Map<number, HTMLCanvasElement>>} */
const sheets = new Map(); // stamps by shape, size and theme: making a canvas costs more than all that is drawn with it
const SHEETS = 24;

/**
 * Lines between partners by their true distance in the embedding, in eight strengths, one path each.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} screen
 * @param {import("./messages.js").Block | undefined} link
 * @param {number} n
 * @param {Theme} style
 */
export function links(context, screen, link, n, style) {
  if (!link) return;
  const count = link.shape[0];
  context.lineWidth = 1;
  for (let level = 0; level < 8; level += 1) {
    context.beginPath();
    for (let m = 0; m < count; m += 1)
      for (let i = 0; i < n; i += 1) {
        if (link.data[m * n + i] >> 5 !== level) continue;
        const a = 2 * i, b = 2 * ((m + 1) * n + i);
        if (Number.isNaN(screen[a] + screen[b])) continue;
        context.moveTo(screen[a], screen[a + 1]);
        context.lineTo(screen[b], screen[b + 1]);
      }
    context.strokeStyle = style.dark ? `rgba(160,175,195,${0.2 - level * 0.02})` : `rgba(70,85,105,${0.18 - level * 0.018})`;
    context.stroke();
  }
}

/** @param {CanvasRenderingContext2D} context @param {Float32Array} screen @param {Points} drawn @param {ArrayLike<number> | undefined} halo */
export function points(context, screen, drawn, halo) {
  const { m, n, target } = drawn, { swatch } = drawing(target), stamps = stampSheet(drawn), size = stamps.size;
  for (let i = 0; i < n; i += 1) {
    const k = m * n + i, x = screen[2 * k], y = screen[2 * k + 1];
    if (Number.isNaN(x)) continue;
    const image = stamps.get(swatch(target, i), Boolean(halo?.[k]));
    context.drawImage(image, x - size / 2, y - size / 2, size, size);
  }
}

/**
 * Each shape is drawn once per colour and size, and then copied: 2,000 points in about a millisecond.
 * @param {Points} points
 */
function stampSheet({ m, r, target, style }) {
  const { paint } = drawing(target), ratio = devicePixelRatio || 1;
  const name = `${m}/${r.toFixed(2)}/${ratio}/${style.background}/${shows(target)}`;
  if (!sheets.has(name)) {
    for (const oldest of sheets.keys()) {
      if (sheets.size < SHEETS) break;
      sheets.delete(oldest);
    }
  }
  /** @type {Map<number, HTMLCanvasElement>} */
  const made = sheets.get(name) ?? new Map(), size = Math.ceil(r * 2.8 + 4);
  sheets.set(name, made);
  const get = (/** @type {number} */ swatch, /** @type {boolean} */ ring) => {
    const key = swatch * 2 + Number(ring);
    let image = made.get(key);
    if (!image) made.set(key, (image = stamp(m, r, size, ratio, paint(target, swatch, style.dark), ring, style)));
    return image;
  };
  return { size, get };
}

/** @param {number} m @param {number} r @param {number} size @param {number} ratio @param {import("./targets/table.js").Paint} paint @param {boolean} ring @param {Theme} style */
function stamp(m, r, size, ratio, { fill, hole }, ring, style) {
  const sheet = document.createElement("canvas");
  sheet.width = sheet.height = Math.ceil(size * ratio);
  const context = context2d(sheet);
  context.scale(ratio, ratio);
  trace(context, shape(m), size / 2, size / 2, r);
  context.fillStyle = fill;
  context.globalAlpha = ring ? 0.35 : 0.9; // a point whose neighbours on the map are not its own is pale
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = ring ? 1 : 0.8;
  context.strokeStyle = ring ? fill : style.background;
  context.stroke();
  if (!hole) return sheet;
  context.clip(); // a mark ends where the shape does
  trace(context, hole, size / 2, size / 2, r);
  context.fillStyle = style.background;
  context.fill();
  return sheet;
}

/**
 * The hovered and the selected sample: all its modalities, joined.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} screen
 * @param {({ i: number } | null)[]} items
 * @param {number} n
 * @param {number} r
 * @param {Theme} style
 */
export function marks(context, screen, items, n, r, style) {
  for (const item of items) {
    if (!item) continue;
    const count = screen.length / 2 / n;
    for (let m = 0; m < count; m += 1) {
      const k = 2 * (m * n + item.i);
      trace(context, shape(m), screen[k], screen[k + 1], r + 3);
      context.lineWidth = 2;
      context.strokeStyle = style.text;
      context.stroke();
    }
    context.beginPath();
    for (let m = 0; m < count; m += 1) context.lineTo(screen[2 * (m * n + item.i)], screen[2 * (m * n + item.i) + 1]);
    context.stroke();
  }
}
