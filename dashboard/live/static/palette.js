// Colour by class, shape by modality. Okabe & Ito's eight (https://jfly.uni-koeln.de/color/), then eight more of their
// hues at another lightness; black and yellow are replaced where the background would swallow them.

const LIGHT = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A7A00", "#4D4D4D",
  "#004C78", "#8F3F00", "#00684C", "#8C4A70", "#A87400", "#2F7FAF", "#5C5200", "#8C8C8C"];
const DARK = ["#56B4E9", "#FF8A3D", "#2BC79B", "#E59CC4", "#F2B632", "#9AD4F5", "#F0E442", "#C9CED6",
  "#2F86BD", "#C85F17", "#0E9C76", "#B86E96", "#B98816", "#6BA7C9", "#B5AC2A", "#8B929C"];

/** @param {number} label @param {boolean} dark */
export function colour(label, dark) {
  return (dark ? DARK : LIGHT)[label % 16];
}

// Corners in radii: triangle, diamond, triangle on its point, plus, hexagon, bow tie.
const CORNERS = [
  [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]],
  [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  [[0, 1.2], [-1.1, -0.8], [1.1, -0.8]],
  [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]],
  [[1.15, 0], [0.58, 1], [-0.58, 1], [-1.15, 0], [-0.58, -1], [0.58, -1]],
  [[-1.1, -1], [1.1, 1], [1.1, -1], [-1.1, 1]],
];
export const SHAPES = CORNERS.length + 2;

/**
 * Trace the shape of the m-th modality around (x, y): circle, square, then by their corners.
 * @param {CanvasRenderingContext2D} context
 * @param {number} m
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
export function shape(context, m, x, y, r) {
  context.beginPath();
  const kind = m % SHAPES;
  if (kind === 0) context.arc(x, y, r, 0, 7);
  else if (kind === 1) context.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
  else {
    CORNERS[kind - 2].forEach(([dx, dy], i) => context[i ? "lineTo" : "moveTo"](x + dx * r, y + dy * r));
    context.closePath();
  }
}

/**
 * A sequential scale for cosines, 256 RGB triples: background to accent, darkest where most alike.
 * @param {boolean} dark
 */
export function ramp(dark) {
  const stops = dark
    ? [[15, 18, 22], [27, 48, 79], [32, 98, 128], [70, 168, 138], [240, 228, 120]]
    : [[255, 255, 255], [222, 232, 243], [140, 186, 219], [46, 116, 178], [10, 42, 92]];
  const table = new Uint8ClampedArray(768);
  for (let i = 0; i < 256; i += 1) {
    const t = (i / 255) * (stops.length - 1), k = Math.min(stops.length - 2, Math.floor(t)), f = t - k;
    for (let c = 0; c < 3; c += 1) table[3 * i + c] = stops[k][c] * (1 - f) + stops[k + 1][c] * f;
  }
  return table;
}
