// The scores that a finished run measured at each severity, as a small curve, and the score that the slider stands at.

import { make } from "./svg.js";

const WIDTH = 190, HEIGHT = 56; // px
const LEFT = 34, RIGHT = WIDTH - 18, TOP = 8, BOTTOM = HEIGHT - 19;

/** @typedef {import("./messages.js").Severity} Severity */

/** @param {HTMLElement} parent */
export function robustnessCurve(parent) {
  const svg = parent.appendChild(make("svg", { class: "fus-robustnesscurve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: "img" }));
  let drawn = "";
  return {
    svg,
    /**
     * `point`: severity and score; `asked`: whether the model was asked, and not the table.
     * @param {Severity[]} rows
     * @param {Severity} point
     * @param {boolean} asked
     * @param {string} label
     */
    draw(rows, point, asked, label) {
      const key = JSON.stringify([rows, point, asked, label]);
      if (key === drawn) return;
      drawn = key;
      svg.setAttribute("aria-label", label);
      svg.replaceChildren(...nodes(rows, point, asked));
    },
  };
}

/** @param {Severity[]} rows @param {Severity} point @param {boolean} asked */
function nodes(rows, point, asked) {
  const [low, high] = span([...rows, point].map(([, score]) => score));
  const x = (/** @type {number} */ severity) => LEFT + ((RIGHT - LEFT) * severity) / 100;
  const y = (/** @type {number} */ score) => BOTTOM - ((BOTTOM - TOP) * (score - low)) / (high - low);
  const places = rows.map(([severity, score]) => `${x(severity).toFixed(1)},${y(score).toFixed(1)}`);
  return [
    ...[low, high].flatMap((score) => [
      make("line", { x1: LEFT, x2: RIGHT, y1: y(score), y2: y(score), class: "fus-gridline" }),
      make("text", { x: LEFT - 4, y: y(score) + 4, class: "fus-tick", "text-anchor": "end" }, `${Math.round(100 * score)} %`),
    ]),
    ...[0, 100].map((severity) => make("text", { x: x(severity), y: HEIGHT - 2, class: "fus-tick", "text-anchor": "middle" }, `${severity} %`)),
    make("polyline", { points: places.join(" "), class: "fus-measured" }),
    make("circle", { cx: x(point[0]), cy: y(point[1]), r: 4, class: asked ? "fus-asked" : "fus-tabled" }),
  ];
}

/**
 * From 0 to 1, wider where a score lies beyond (R² may).
 * @param {number[]} scores
 */
function span(scores) {
  return [Math.min(0, ...scores), Math.max(1, ...scores)];
}
