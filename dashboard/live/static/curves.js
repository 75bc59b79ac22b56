// Loss and score over time: train and test, chance and Bayes as lines, several seeds as a band. A third chart, which
// modality is favoured: what a strategy logs, or the gradient norm that each modality receives.

import { axes, band, grid, muted, PAD, rule, stroke } from "./axes.js";
import { bandPoints } from "./bands.js";
import { colour } from "./palette.js";
import { save } from "./save.js";
import { canvas, component, element, formatNumber, setHeight, theme } from "./view.js";

/**
 * @typedef {import("./view.js").Texts} Texts
 * @typedef {import("./view.js").Theme} Theme
 * @typedef {import("./messages.js").CurvePoint} CurvePoint
 * @typedef {import("./messages.js").Baseline} Baseline
 * @typedef {import("./axes.js").Bounds} Bounds
 * @typedef {import("./axes.js").Box} Box
 * @typedef {import("./axes.js").Scale} Scale
 * @typedef {"loss" | "score" | "balance"} ChartName
 * @typedef {{ key: string, name: string }} Metric
 * @typedef {import("./view.js").View<import("./view.js").ViewData & { charts: ChartName[], metrics: Metric[] }>} View
 * @typedef {{ split: string, name: string, points: CurvePoint[], hue?: number }} Line
 *
 * `epoch`: the one under the pointer.
 * @typedef {Bounds & { name: string, lines: Line[], marks: Baseline[], epoch?: number }} Plot
 * @typedef {{ x: number | null }} State of the pointer
 */

export default component((root, /** @type {View} */ view) => {
  const { texts } = view.data;
  root.classList.add("fus-curves");
  setHeight(root, view.data.height);
  const surface = canvas(root, texts.label ?? "");
  save(root, () => surface.node, `curves-${view.data.runs[0] ?? ""}`, texts);
  const tip = root.appendChild(element("div", "fus-tip"));
  tip.hidden = true;
  /** @type {State} */
  const state = { x: null };
  surface.node.addEventListener("pointermove", (event) => ((state.x = event.offsetX), view.changed("hover")));
  surface.node.addEventListener("pointerleave", () => ((state.x = null), view.changed("hover")));
  return {
    draw: () => {
      const { context, width, height } = surface.fit(), style = theme(root);
      context.clearRect(0, 0, width, height);
      const plots = charts(view), each = width / plots.length;
      plots.forEach((plot, i) => chart(context, plot, { x: i * each, w: each, h: height }, view, style, state));
      showTip(tip, plots, state, each, width, texts);
      const last = view.stream?.records.at(-1);
      view.describe("curves", { step: shownStep(view), points: last ? view.streams.reduce((n, s) => n + s.records.length, 0) : 0 });
    },
  };
});

/** @param {View} view */
function shownStep(view) {
  const stream = view.stream;
  return stream?.position ?? stream?.records.at(-1)?.step;
}

// What a share of right answers can be held against; an average precision or an R2 has no such line.
/** @type {Record<string, (viewSet: import("./messages.js").ViewSet) => Record<string, number | null | undefined>>} */
const MARKS = {
  accuracy: (viewSet) => ({ chance: viewSet.chance, bayes: viewSet.bayes }),
  "recall@1": (viewSet) => ({ chance: viewSet.chance_recall ?? viewSet.chance }),
};

/**
 * The two charts and their lines, each a mean over seeds with the lowest and highest. `metrics` are the scores that
 * objectives judge by, [{ key, name }]; the first one that this run has is shown.
 * @param {View} view
 * @returns {Plot[]}
 */
function charts(view) {
  const { texts, metrics } = view.data, viewSet = view.stream?.viewSet, has = (/** @type {Metric} */ { key }) => view.stream?.records.some((r) => `test/${key}` in r);
  const score = metrics.find(has) ?? metrics[metrics.length - 1];
  view.root.dataset.metric = score.key;
  /** @type {Plot} */
  const loss = { name: texts.loss, lines: [], marks: [] };
  /** @type {Plot} */
  const second = { name: score.name, lines: [], marks: [], top: 1, bottom: 0 };
  for (const split of ["train", "test"]) {
    loss.lines.push(line(view, `${split}/loss`, split, texts));
    second.lines.push(line(view, `${split}/${score.key}`, split, texts));
  }
  const marks = viewSet && MARKS[score.key] ? MARKS[score.key](viewSet) : {};
  for (const [mark, value] of Object.entries(marks)) if (value) second.marks.push({ value, name: texts[mark] });
  second.below = second.lines.some(({ points }) => points.some((p) => p.low < 0));
  const byName = { loss, score: second, balance: balance(view, texts) };
  return (view.data.charts ?? ["loss", "score"]).map((name) => byName[name]);
}

/**
 * The curves "strategy/<quantity>/<modality>", or the gradient norm of each modality where the strategy logs nothing.
 * @param {View} view
 * @param {Texts} texts
 * @returns {Plot}
 */
function balance(view, texts) {
  const keys = [...new Set(view.streams.flatMap((stream) => stream.records.flatMap(Object.keys)))];
  const logged = keys.filter((key) => key.startsWith("strategy/")).map((key) => key.replace("strategy/", ""));
  const [quantity] = (logged[0] ?? "gradient").split("/");
  const shown = logged.length ? logged.filter((key) => key.split("/")[0] === quantity).map((key) => `strategy/${key}`) : keys.filter((key) => key.startsWith("gradient/"));
  const name = texts[`balance.${quantity}`] ?? quantity;
  const lines = shown.map((key, i) => {
    const modality = key.split("/")[logged.length ? 2 : 1];
    return { ...line(view, key, "", texts), name: modality ? (texts[modality] ?? modality) : "", hue: i };
  });
  return { name, lines, marks: [] };
}

/** @param {View} view @param {string} key @param {string} split @param {Texts} texts @returns {Line} */
function line(view, key, split, texts) {
  const points = bandPoints(view.streams.map((stream) => stream.records), key);
  return { split, name: texts[split], points };
}

/** @param {CanvasRenderingContext2D} context @param {Plot} plot @param {Box} box @param {View} view @param {Theme} style @param {State} state */
function chart(context, plot, box, view, style, state) {
  const scale = axes(plot, box, view);
  grid(context, plot, scale, box, view, style);
  for (const mark of plot.marks) rule(context, mark, scale, box, style);
  for (const one of plot.lines) {
    context.strokeStyle = context.fillStyle = ink(one, style);
    if (view.streams.length > 1) band(context, one.points, scale);
    context.lineWidth = one.split === "train" ? 1.4 : 2;
    stroke(context, one.points.map((p) => [scale.x(p.epoch), scale.y(p.mean)]));
  }
  names(context, plot, box, style);
  position(context, scale, box, view, style);
  if (state.x !== null && state.x >= box.x && state.x < box.x + box.w) plot.epoch = scale.epoch(state.x);
}

/** @param {Line} one @param {Theme} style */
const ink = (one, style) => (one.hue !== undefined ? colour(one.hue, style.dark) : one.split === "train" ? muted(style) : style.accent);

/** @param {CanvasRenderingContext2D} context @param {Plot} plot @param {Box} box @param {Theme} style */
function names(context, plot, box, style) {
  context.textAlign = "left";
  context.font = `600 12px ${style.font}`;
  context.fillStyle = style.text;
  let x = box.x + PAD.left;
  context.fillText(plot.name, x, 13);
  x += context.measureText(plot.name).width + 14;
  context.font = `12px ${style.font}`;
  for (const one of plot.lines) {
    const end = x + 16 + context.measureText(one.name).width;
    if (end > box.x + box.w) break; // the chart beside it says the same
    context.fillStyle = ink(one, style);
    context.fillRect(x, 8, 12, 2.5);
    context.fillText(one.name, x + 16, 13);
    x = end + 12;
  }
}

/**
 * The position of this viewer, when it is not at the newest.
 * @param {CanvasRenderingContext2D} context
 * @param {Scale} scale
 * @param {Box} box
 * @param {View} view
 * @param {Theme} style
 */
function position(context, scale, box, view, style) {
  const step = view.stream?.position, record = view.stream?.records.find((r) => r.step === step);
  if (step === null || !record) return;
  const x = scale.x(record.epoch);
  context.strokeStyle = style.text;
  context.lineWidth = 1;
  stroke(context, [[x, PAD.top], [x, box.h - PAD.bottom]]);
}

/** @param {HTMLElement} tip @param {Plot[]} plots @param {State} state @param {number} each @param {number} width @param {Texts} texts */
function showTip(tip, plots, state, each, width, texts) {
  const plot = plots[Math.floor((state.x ?? -1) / each)];
  const epoch = plot?.epoch;
  tip.hidden = epoch === undefined || !plot.lines.some((l) => l.points.length);
  if (epoch === undefined || tip.hidden) return;
  const near = (/** @type {CurvePoint[]} */ points) => points.reduce((best, p) => (Math.abs(p.epoch - epoch) < Math.abs(best.epoch - epoch) ? p : best), points[0]);
  const several = plot.lines.some((l) => l.points.some((p) => p.high > p.low));
  tip.textContent = plot.lines.filter((l) => l.points.length).map((l) => {
    const p = near(l.points), spread = p.high > p.low ? ` (${formatNumber(p.low, 3)}–${formatNumber(p.high, 3)})` : "";
    return `${l.name} ${formatNumber(p.mean, 3)}${spread}`;
  }).concat(several ? texts.band : []).join("   ");
  tip.style.left = `${Math.min((state.x ?? 0) + 10, width - tip.offsetWidth - 4)}px`;
}
