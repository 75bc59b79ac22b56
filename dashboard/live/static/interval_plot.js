// A comparison as an interval plot: a dot per seed, the mean, its interval; lines for the baselines; and what it costs.

import { ticks } from "./axes.js";
import { colour, muted } from "./palette.js";
import { save } from "./save.js";
import { make, NS } from "./svg.js";
import { component, element, theme } from "./view.js";

const ROW = 30, GAP = 56, TOP = 40, FOOT = 40;

/**
 * @typedef {import("./messages.js").ComparisonRow} ComparisonRow
 * @typedef {ComparisonRow & { fill: string }} Row
 * @typedef {import("./messages.js").Cost} Cost
 * @typedef {import("./view.js").ViewData & { table: import("./messages.js").ComparisonTable, lines: import("./messages.js").Baseline[], cost: { key: Cost, name: string } }} Data
 * @typedef {(event: MouseEvent, text: string) => void} Hover
 * @typedef {[low: number, high: number]} Span
 * @typedef {ReturnType<typeof scale>} Scale
 */

export default component((root, /** @type {import("./view.js").View<Data>} */ view) => {
  root.classList.add("fus-interval-plot");
  const svg = root.appendChild(make("svg", { role: "img", xmlns: NS }));
  const tip = root.appendChild(element("div", "fus-tip"));
  tip.hidden = true;
  save(root, () => svg, "comparison", view.data.texts);
  let drawn = "";
  return {
    draw: () => {
      const { dark } = theme(root), { table } = view.data, key = JSON.stringify([view.data, root.clientWidth, dark]);
      if (key === drawn || !root.clientWidth) return;
      drawn = key;
      sketch(svg, { ...view.data, dark }, Math.max(640, root.clientWidth), (event, text) => point(tip, root, event, text));
      Object.assign(root.dataset, { view: "interval_plot", methods: String(table.methods.length), done: String(table.done), runs: String(table.runs) });
    },
  };
});

/** @param {HTMLElement} tip @param {HTMLElement} root @param {MouseEvent} event @param {string} text */
function point(tip, root, event, text) {
  tip.hidden = !text;
  if (!text) return;
  const box = root.getBoundingClientRect();
  tip.textContent = text;
  tip.style.left = `${Math.min(event.clientX - box.left + 12, box.width - 220)}px`;
  tip.style.top = `${event.clientY - box.top + 12}px`;
}

/** @param {SVGSVGElement} svg @param {Data & { dark: boolean }} data @param {number} width @param {Hover} hover */
function sketch(svg, { table, texts, cost, lines, dark }, width, hover) {
  const rows = [...table.methods, ...table.references].map((row, i) => ({ ...row, fill: row.reference ? muted(dark) : colour(i, dark) })), height = TOP + rows.length * ROW + FOOT;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", texts.label);
  svg.style.height = `${height}px`;
  svg.replaceChildren();
  const left = named(svg, rows, width), split = Math.round((width - left) * 0.62), scores = { x: left, w: split - 24 };
  const score = scale(extent(rows, lines), scores.x, scores.w), bottom = TOP + rows.length * ROW;
  axis(svg, score, scores, bottom, texts.score);
  lines.forEach((line, i) => rule(svg, line, score, bottom, i));
  rows.forEach((row, i) => dots(svg, row, i, score, hover, texts));
  const prices = { x: left + split + GAP, w: width - left - split - GAP - 16 };
  priced(svg, rows, cost, { score: extent(rows, lines), prices, bottom, texts }, hover);
}

/**
 * The rows' names, as wide as they are; where the dots begin.
 * @param {SVGSVGElement} svg
 * @param {Row[]} rows
 * @param {number} width
 */
function named(svg, rows, width) {
  const names = rows.map((row, i) => svg.appendChild(make("text", { y: TOP + (i + 0.5) * ROW + 4, class: "fus-rowname", "text-anchor": "end" }, row.title)));
  const widest = Math.max(...names.map((name) => name.getComputedTextLength())), left = Math.min(0.4 * width, widest + 20);
  for (const name of names) name.setAttribute("x", String(left - 12));
  return left;
}

/**
 * The span of the scores over all seeds and lines, a little wider, and never narrower than two points of a hundred.
 * @param {ComparisonRow[]} rows
 * @param {import("./messages.js").Baseline[]} lines
 * @returns {Span}
 */
function extent(rows, lines) {
  const values = rows.flatMap((row) => [...Object.values(row.values), row.low ?? [], row.high ?? []].flat()).concat(lines.map((l) => l.value));
  if (!values.length) return [0, 1];
  const low = Math.min(...values), high = Math.max(...values), room = Math.max(0.01, (high - low) * 0.06);
  return [Math.max(Math.min(0, low), low - room), Math.min(Math.max(1, high), high + room)];
}

/** @param {Span} span @param {number} start @param {number} length */
function scale([low, high], start, length) {
  const at = (/** @type {number} */ value) => start + ((value - low) / (high - low || 1)) * length;
  return Object.assign(at, { low, high });
}

/** @param {SVGSVGElement} svg @param {Scale} score @param {{ x: number, w: number }} place @param {number} bottom @param {string} title */
function axis(svg, score, { x, w }, bottom, title) {
  for (const value of ticks(score.low, score.high, 5)) {
    svg.append(make("line", { x1: score(value), x2: score(value), y1: TOP - 6, y2: bottom, class: "fus-gridline" }));
    svg.append(make("text", { x: score(value), y: bottom + 14, class: "fus-tick", "text-anchor": "middle" }, String(value)));
  }
  svg.append(make("text", { x: x + w / 2, y: bottom + 30, class: "fus-axisname", "text-anchor": "middle" }, title));
}

/** @param {SVGSVGElement} svg @param {import("./messages.js").Baseline} line @param {Scale} score @param {number} bottom @param {number} i */
function rule(svg, line, score, bottom, i) {
  const x = score(line.value);
  svg.append(make("line", { x1: x, x2: x, y1: TOP - 6, y2: bottom, class: "fus-rule" }));
  svg.append(make("text", { x, y: 12 + (i % 2) * 13, class: "fus-tick", "text-anchor": x > 560 ? "end" : "middle" }, `${line.name} ${line.value.toFixed(3)}`));
}

/** @param {SVGSVGElement} svg @param {Row} row @param {number} i @param {Scale} score @param {Hover} hover @param {import("./view.js").Texts} texts */
function dots(svg, row, i, score, hover, texts) {
  const y = TOP + (i + 0.5) * ROW, { fill } = row;
  for (const value of Object.values(row.values)) svg.append(make("circle", { cx: score(value), cy: y, r: 3, fill, opacity: 0.4 }));
  if (row.low !== null && row.high !== null) svg.append(make("line", { x1: Math.max(score(score.low), score(row.low)), x2: Math.min(score(score.high), score(row.high)), y1: y, y2: y, stroke: fill, "stroke-width": 2 }));
  if (row.mean !== null) svg.append(make("circle", { cx: score(row.mean), cy: y, r: 5.5, fill }));
  else svg.append(make("text", { x: score(score.low) + 4, y: y + 4, class: "fus-tick" }, row.problem ? texts.failed : texts.waiting));
  const zone = make("rect", { x: 0, y: y - ROW / 2, width: score(score.high), height: ROW, fill: "transparent" });
  zone.onpointermove = (event) => hover(event, row.tooltip);
  zone.onpointerleave = (event) => hover(event, "");
  svg.append(zone);
}

/**
 * Score against a price on a logarithmic axis: what a better score costs.
 * @param {SVGSVGElement} svg
 * @param {Row[]} rows
 * @param {Data["cost"]} cost
 * @param {{ score: Span, prices: { x: number, w: number }, bottom: number, texts: import("./view.js").Texts }} place
 * @param {Hover} hover
 */
function priced(svg, rows, cost, { score, prices, bottom, texts }, hover) {
  const known = rows.flatMap((row) => {
    const price = row[cost.key] ?? 0;
    return row.mean !== null && price > 0 ? [{ ...row, mean: row.mean, spend: Math.log10(price) }] : [];
  });
  if (!known.length || prices.w < 80) return;
  const spends = known.map((row) => row.spend), low = Math.min(...spends), high = Math.max(...spends), room = Math.max(0.08, (high - low) * 0.1);
  const x = scale([low - room, high + room], prices.x, prices.w), y = scale(score, bottom, TOP - bottom);
  svg.append(make("line", { x1: prices.x, x2: prices.x + prices.w, y1: bottom, y2: bottom, class: "fus-gridline" }));
  svg.append(make("line", { x1: prices.x, x2: prices.x, y1: TOP - 6, y2: bottom, class: "fus-gridline" }));
  for (const value of ticks(...score, 4)) svg.append(make("text", { x: prices.x - 6, y: y(value) + 4, class: "fus-tick", "text-anchor": "end" }, String(value)));
  for (const value of decades(x.low, x.high)) svg.append(make("text", { x: x(Math.log10(value)), y: bottom + 14, class: "fus-tick", "text-anchor": "middle" }, brief(value)));
  svg.append(make("text", { x: prices.x + prices.w / 2, y: bottom + 30, class: "fus-axisname", "text-anchor": "middle" }, cost.name));
  svg.append(make("text", { x: prices.x, y: 25, class: "fus-tick" }, texts.score));
  for (const row of known) {
    const dot = make("circle", { cx: x(row.spend), cy: y(row.mean), r: 5.5, fill: row.fill });
    dot.onpointermove = (event) => hover(event, row.tooltip);
    dot.onpointerleave = (event) => hover(event, "");
    svg.append(dot);
  }
}

/**
 * 1, 2, 5 of each power of ten inside, or the two ends where none is.
 * @param {number} low
 * @param {number} high
 */
function decades(low, high) {
  /** @type {number[]} */
  const values = [];
  for (let power = Math.floor(low); power <= high; power += 1) for (const k of [1, 2, 5]) if (Math.log10(k * 10 ** power) >= low && Math.log10(k * 10 ** power) <= high) values.push(k * 10 ** power);
  return values.length ? values.filter((_, i) => values.length < 7 || i % 2 === 0) : [10 ** ((low + high) / 2)];
}

/** @param {number} value */
function brief(value) {
  const [size, unit] = SIZES.find(([least]) => value >= least) ?? [1, ""];
  return `${Number((value / size).toPrecision(2))}${unit}`;
}

/** @type {[size: number, unit: string][]} */
const SIZES = [[1e9, "G"], [1e6, "M"], [1e3, "k"]];
