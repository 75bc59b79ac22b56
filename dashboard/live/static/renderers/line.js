// Lines over their positions, as an SVG.

const NS = "http://www.w3.org/2000/svg";
const WIDTH = 100, MARGIN = 2; // user units

/** @param {string} classes @param {number} height */
export function chart(classes, height) {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("class", classes);
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  return svg;
}

/**
 * A line of values in 0..1 between two heights of a chart, `span` of its width wide.
 * @param {SVGSVGElement} svg
 * @param {number[]} values
 * @param {number} top
 * @param {number} bottom
 * @param {number} span
 */
export function line(svg, values, top, bottom, span = 1) {
  const node = document.createElementNS(NS, "polyline"), last = Math.max(1, values.length - 1), width = (WIDTH - 2 * MARGIN) * span;
  const points = values.map((v, k) => `${((k / last) * width + MARGIN).toFixed(2)},${(bottom - v * (bottom - top)).toFixed(2)}`);
  node.setAttribute("points", points.join(" "));
  svg.append(node);
}

/** What a chart says to eyes that rest on it, and to screen readers. @param {SVGSVGElement} svg @param {string} text */
export function caption(svg, text) {
  const node = document.createElementNS(NS, "title");
  node.textContent = text;
  svg.setAttribute("role", "img");
  svg.append(node);
}
