// Colour by class, shape by modality, from the file that core/projection/palette.py reads too; why these, stands there.

/**
 * A shape around (0, 0), in radii, y downwards: a circle of that radius, or a polygon.
 * @typedef {{ name: string, radius?: number, corners?: [x: number, y: number][] }} Outline
 *
 * @typedef {object} Palette  assets/palette.json
 * @property {{ light: string[], dark: string[] }} classes
 * @property {{ light: string, dark: string }} muted  of what is only for reference
 * @property {Outline[]} shapes
 * @property {(Outline | null)[]} marks
 * @property {{ light: string[], dark: string[] }} similarity  colours from the least to the most alike
 */

/** @type {Palette} */
const palette = await fetch(new URL("./palette.json", import.meta.url)).then((answer) => answer.json());
const PER_MARK = 8; // classes

/** @param {boolean} dark */
const ground = (dark) => (dark ? "dark" : "light");

/** The colour of a class, or of a method in a comparison. @param {number} label @param {boolean} dark */
export function colour(label, dark) {
  const colours = palette.classes[ground(dark)];
  return colours[label % colours.length];
}

/** @param {boolean} dark */
export const muted = (dark) => palette.muted[ground(dark)];

/** The shape of the m-th modality; a ninth one has the first again. @param {number} m */
export const shape = (m) => palette.shapes[m % palette.shapes.length];

/** What a class bears in the colour of the ground, so that more classes differ than there are colours. @param {number} label */
export const mark = (label) => palette.marks[Math.floor(label / PER_MARK) % palette.marks.length];

/**
 * Trace an outline around (x, y).
 * @param {CanvasRenderingContext2D} context
 * @param {Outline} outline
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
export function trace(context, { radius, corners = [] }, x, y, r) {
  context.beginPath();
  if (radius) context.arc(x, y, r * radius, 0, 2 * Math.PI);
  corners.forEach(([dx, dy], i) => context[i ? "lineTo" : "moveTo"](x + dx * r, y + dy * r));
  if (corners.length) context.closePath();
}

/** An outline as the data of an SVG path. @param {Outline} outline @param {number} x @param {number} y @param {number} r */
export function pathData({ radius, corners = [] }, x, y, r) {
  const a = r * (radius ?? 0);
  if (radius) return `M${x - a} ${y}a${a} ${a} 0 1 0 ${2 * a} 0a${a} ${a} 0 1 0 ${-2 * a} 0z`;
  return `M${corners.map(([dx, dy]) => `${(x + dx * r).toFixed(2)} ${(y + dy * r).toFixed(2)}`).join("L")}z`;
}

/** A sequential scale for cosines, 256 RGB triples: background to accent, darkest where most alike. @param {boolean} dark */
export function ramp(dark) {
  const stops = palette.similarity[ground(dark)].map(triple), table = new Uint8ClampedArray(768);
  for (let i = 0; i < 256; i += 1) {
    const t = (i / 255) * (stops.length - 1), k = Math.min(stops.length - 2, Math.floor(t)), f = t - k;
    for (let c = 0; c < 3; c += 1) table[3 * i + c] = stops[k][c] * (1 - f) + stops[k + 1][c] * f;
  }
  return table;
}

/** @param {string} hex  #RRGGBB */
const triple = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
