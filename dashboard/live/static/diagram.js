// Where the branches meet: the chosen method as boxes and lines, with what it decided in the picture on the screen.

import { make } from "./svg.js";
import { component, element, fill } from "./view.js";

/**
 * @typedef {import("./messages.js").Diagnostic} Diagnostic
 * @typedef {import("./messages.js").MetricRecord} MetricRecord
 * @typedef {import("./view.js").Texts} Texts
 * @typedef {import("./view.js").ViewData & { stage: string, title: string, modalities?: string[] }} Data
 */

/** @type {Record<string, number[]>} */
const COLUMNS = { input: [60, 190, 300, 390], feature: [60, 165, 285, 390], decision: [60, 165, 255, 370], single: [60, 165, 285, 390] };

export default component((root, /** @type {import("./view.js").View<Data>} */ view) => {
  root.classList.add("fus-diagram");
  const svg = root.appendChild(make("svg", { role: "img", "aria-label": view.data.texts.label ?? "" }));
  const panels = root.appendChild(element("div", "fus-diagnostics"));
  let drawn = "";
  /** @type {import("./messages.js").FrameHeader | undefined} */
  let shown;
  return {
    draw: () => {
      const names = view.data.modalities ?? view.stream?.viewSet?.modalities.map((m) => m.name) ?? [];
      const key = JSON.stringify([names, view.data.stage, view.data.title]);
      if (key !== drawn) sketch(svg, names, view.data);
      drawn = key;
      const header = view.stream?.frame()?.header;
      if (header && header !== shown) panels.replaceChildren(...Object.entries(header.diagnostics ?? {}).map(([name, diagnostic]) => panel(name, diagnostic, view.data.texts, view.stream?.records ?? [])));
      shown = header;
    },
  };
});

/** @param {SVGSVGElement} svg @param {string[]} names @param {Data} data */
function sketch(svg, names, { stage, title, texts }) {
  const height = Math.max(92, names.length * 46), middle = height / 2, [x0, x1, x2, x3] = COLUMNS[stage] ?? COLUMNS.feature;
  svg.setAttribute("viewBox", `0 0 450 ${height}`);
  svg.replaceChildren();
  const y = (/** @type {number} */ i) => (height * (i + 0.5)) / names.length;
  names.forEach((name, i) => {
    box(svg, x0, y(i), 84, texts[name] ?? name, "fus-modality");
    if (stage === "input") return link(svg, x0 + 42, y(i), x1 - 16, middle);
    link(svg, x0 + 42, y(i), x1 - 40, y(i));
    box(svg, x1, y(i), 80, texts.encoder, "fus-step");
    if (stage !== "decision") return link(svg, x1 + 40, y(i), x2 - 16, middle);
    link(svg, x1 + 40, y(i), x2 - 26, y(i));
    box(svg, x2, y(i), 52, texts.expert, "fus-step");
    link(svg, x2 + 26, y(i), x3 - 16, middle);
  });
  const meet = stage === "input" ? x1 : stage === "decision" ? x3 : x2;
  if (stage === "input") steps(svg, middle, [[x1, x2, texts.network], [x2, x3, texts.answer]]);
  if (stage === "feature" || stage === "single") steps(svg, middle, [[x2, x3, texts.answer]]);
  if (stage === "decision") link(svg, x3 + 14, middle, x3 + 34, middle);
  svg.append(make("circle", { cx: meet, cy: middle, r: 14, class: "fus-meet" }));
  svg.append(make("text", { x: meet, y: middle + 5, class: "fus-meetsign" }, stage === "single" ? "=" : "+"));
  svg.append(make("text", { x: meet, y: middle - 20, class: "fus-meetname" }, title));
}

/** @param {SVGSVGElement} svg @param {number} y @param {[from: number, to: number, text: string][]} boxes */
function steps(svg, y, boxes) {
  let edge = 16; // of the circle; then of a box
  for (const [from, to, text] of boxes) {
    link(svg, from + edge, y, to - 30, y);
    edge = 30;
    box(svg, to, y, 60, text, "fus-step");
  }
}

/** @param {SVGSVGElement} svg @param {number} x @param {number} y @param {number} width @param {string} text @param {string} kind */
function box(svg, x, y, width, text, kind) {
  svg.append(make("rect", { x: x - width / 2, y: y - 14, width, height: 28, rx: 6, class: kind }));
  svg.append(make("text", { x, y: y + 4, class: "fus-boxtext" }, text));
}

/** @param {SVGSVGElement} svg @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function link(svg, x1, y1, x2, y2) {
  const bend = (x1 + x2) / 2;
  svg.append(make("path", { d: `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`, class: "fus-link" }));
}

/**
 * One decision: bars when it is one number per name, each with its course so far, and a heat strip when it is a table.
 * @param {string} name
 * @param {Diagnostic} diagnostic
 * @param {Texts} texts
 * @param {MetricRecord[]} records
 */
function panel(name, diagnostic, texts, records) {
  const [kind, ...words] = name.split(/[ /]/), title = [texts[`diagnostic.${kind}`] ?? kind, words.map((word) => axisLabel(word, texts)).join(" ")];
  const node = element("div", "fus-diagnostic");
  node.append(element("div", "fus-diagnosticname", title.filter(Boolean).join(": ")));
  node.dataset.diagnostic = name;
  const [rows, columns] = diagnostic.axes;
  if (!columns) rows.forEach((label, i) => node.append(bar(axisLabel(label, texts), Number(diagnostic.mean[i]), course(records, `diagnostics/${name}/${label}`))));
  else node.append(heat(rows, columns, /** @type {number[][]} */ (diagnostic.mean), texts), element("div", "fus-axes", diagnostic.axes.map((axis, i) => `${heads(axis, texts)} ${"↓→"[i]}`).join("  ")));
  return node;
}

/**
 * An entry of an axis in words: a modality or a word, alone or with a number before or after it.
 * @param {string} label
 * @param {Texts} texts
 */
function axisLabel(label, texts) {
  const [, before, word, after] = label.match(/^(?:(\d+) )?(.*?)(?: (\d+))?$/) ?? ["", "", label, ""], text = texts[`word.${word}`] ?? texts[word] ?? word;
  return text.includes("{n}") ? fill(text, { n: before ?? after }) : [before, text, after].filter(Boolean).join(" ");
}

/**
 * What an axis is made of, its numbers left out.
 * @param {string[]} axis
 * @param {Texts} texts
 */
const heads = (axis, texts) => [...new Set(axis.map((label) => axisLabel(label.replace(/ \d+$/, ""), texts)))].join(" + ");

/**
 * The values of a record's key so far.
 * @param {MetricRecord[]} records
 * @param {string} key
 */
const course = (records, key) => records.filter((record) => key in record).map((record) => record[key]);

/**
 * How a value went over the training, between 0 and 1.
 * @param {number[]} values
 */
function trend(values) {
  const svg = make("svg", { class: "fus-trend", viewBox: "0 0 44 14", "aria-hidden": "true" }), last = Math.max(1, values.length - 1);
  const at = (/** @type {number} */ value) => 13 - 12 * Math.max(0, Math.min(1, value));
  svg.append(make("polyline", { points: values.map((v, i) => `${((i / last) * 43 + 0.5).toFixed(1)},${at(v).toFixed(1)}`).join(" ") }));
  return svg;
}

/** @param {string} label @param {number} value @param {number[]} values */
function bar(label, value, values) {
  const row = element("div", "fus-bar"), fillBar = element("span", "fus-barfill");
  fillBar.style.width = `${Math.max(0, Math.min(1, value)) * 100}%`;
  const track = element("span", "fus-track");
  track.append(fillBar);
  row.append(element("span", "fus-barname", label), track, element("span", "fus-barvalue", value.toFixed(2)));
  if (values.length > 1) row.append(trend(values));
  return row;
}

/** @param {string[]} rows @param {string[]} columns @param {number[][]} mean @param {Texts} texts */
function heat(rows, columns, mean, texts) {
  const top = Math.max(...mean.flat(), 1e-9), cell = 9;
  const svg = make("svg", { viewBox: `0 0 ${columns.length * cell} ${rows.length * cell}`, class: "fus-heat", preserveAspectRatio: "none" });
  mean.forEach((line, r) => line.forEach((value, c) => {
    const square = make("rect", { x: c * cell, y: r * cell, width: cell - 0.5, height: cell - 0.5, class: "fus-cell", opacity: (value / top).toFixed(3) });
    square.append(make("title", {}, `${axisLabel(rows[r], texts)} → ${axisLabel(columns[c], texts)}: ${value.toFixed(3)}`));
    svg.append(square);
  }));
  return svg;
}
