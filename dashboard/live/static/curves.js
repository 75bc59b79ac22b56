// Loss and score over time: train and test, chance and Bayes as lines, several seeds as a band. A third chart, which
// modality is favoured: what a strategy logs, or the gradient norm that each modality receives.

import { colour } from "./palette.js";
import { save } from "./save.js";
import { canvas, component, element, formatNumber, theme } from "./view.js";

const PAD = { left: 44, right: 10, top: 22, bottom: 26 };

export default component((root, view) => {
  const { texts } = view.data;
  root.classList.add("fus-curves");
  root.style.height = `${view.data.height}px`;
  const surface = canvas(root, texts.label ?? "");
  save(root, () => surface.node, `curves-${view.data.runs[0] ?? ""}`, texts);
  const tip = root.appendChild(element("div", "fus-tip"));
  tip.hidden = true;
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

function shownStep(view) {
  const stream = view.stream;
  return stream?.position ?? stream?.records.at(-1)?.step;
}

// What a share of right answers can be held against; an average precision or an R2 has no such line.
const MARKS = {
  accuracy: (viewSet) => ({ chance: viewSet.chance, bayes: viewSet.bayes }),
  "recall@1": (viewSet) => ({ chance: viewSet.chance_recall ?? viewSet.chance }),
};

/**
 * The two charts and their lines, each a mean over seeds with the lowest and highest. `metrics` are the scores that
 * objectives judge by, [{ key, name }]; the first one that this run has is shown.
 */
function charts(view) {
  const { texts, metrics } = view.data, viewSet = view.stream?.viewSet, has = ({ key }) => view.stream?.records.some((r) => `test/${key}` in r);
  const score = metrics.find(has) ?? metrics.at(-1);
  view.root.dataset.metric = score.key;
  const loss = { name: texts.loss, lines: [], marks: [] };
  const second = { name: score.name, lines: [], marks: [], top: 1, bottom: 0 };
  for (const split of ["train", "test"]) {
    loss.lines.push(line(view, `${split}/loss`, split, texts));
    second.lines.push(line(view, `${split}/${score.key}`, split, texts));
  }
  const marks = viewSet && MARKS[score.key] ? MARKS[score.key](viewSet) : {};
  for (const [mark, value] of Object.entries(marks)) if (value) second.marks.push({ value, name: texts[mark] });
  second.below = second.lines.some(({ points }) => points.some((p) => p.low < second.bottom));
  const charts = { loss, score: second, balance: balance(view, texts) };
  return (view.data.charts ?? ["loss", "score"]).map((name) => charts[name]);
}

/** The curves "strategy/<quantity>/<modality>", or the gradient norm of each modality where the strategy logs nothing. */
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

function line(view, key, split, texts) {
  const byStep = new Map();
  for (const stream of view.streams)
    for (const record of stream.records) {
      if (!(key in record)) continue;
      const entry = byStep.get(record.step) ?? { epoch: record.epoch, values: [] };
      entry.values.push(record[key]);
      byStep.set(record.step, entry);
    }
  const points = [...byStep.values()].sort((a, b) => a.epoch - b.epoch).map(({ epoch, values }) => ({
    epoch,
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    low: Math.min(...values),
    high: Math.max(...values),
  }));
  return { split, name: texts[split], points };
}

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
  plot.scale = scale;
  if (state.x !== null && state.x >= box.x && state.x < box.x + box.w) plot.epoch = scale.epoch(state.x);
}

const ink = (one, style) => (one.hue !== undefined ? colour(one.hue, style.dark) : one.split === "train" ? muted(style) : style.accent);
const muted = (style) => (style.dark ? "#8b929c" : "#8c929a");

export function axes(plot, box, view) {
  const all = plot.lines.flatMap((l) => l.points), values = all.flatMap((p) => [p.low, p.high]).sort((a, b) => a - b);
  const bottom = plot.bottom ?? Math.min(0, values[0] ?? 0);
  const top = plot.top ?? Math.max((values[Math.floor(values.length * 0.985)] ?? 1) * 1.08, 1e-6);
  const status = view.stream?.status ?? {}, epochs = Math.max(status.budget ? 0 : status.epochs ?? 1, all.at(-1)?.epoch ?? 0, 1);
  const left = box.x + PAD.left, width = box.w - PAD.left - PAD.right, height = box.h - PAD.top - PAD.bottom;
  return {
    top, bottom, epochs,
    x: (epoch) => left + (epoch / epochs) * width,
    y: (value) => PAD.top + height * (1 - (Math.min(Math.max(value, bottom), top) - bottom) / (top - bottom)),
    epoch: (x) => ((x - left) / width) * epochs,
  };
}

/** Round numbers for about `count` ticks. */
export function ticks(low, high, count) {
  if (!(high > low)) return Number.isFinite(low) ? [low] : [];
  const raw = (high - low) / count, unit = 10 ** Math.floor(Math.log10(raw)), step = ([1, 2, 5].find((k) => k * unit >= raw) ?? 10) * unit;
  const first = Math.ceil(low / step), last = Math.min(Math.floor(high / step + 1e-6), first + 4 * count); // counted: beside 1e30 a step may be lost
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

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

export function band(context, points, scale) {
  context.save();
  context.globalAlpha = 0.18;
  context.beginPath();
  for (const p of points) context.lineTo(scale.x(p.epoch), scale.y(p.high));
  for (const p of [...points].reverse()) context.lineTo(scale.x(p.epoch), scale.y(p.low));
  context.fill();
  context.restore();
}

export function stroke(context, points) {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.stroke();
}

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

/** The position of this viewer, when it is not at the newest. */
function position(context, scale, box, view, style) {
  const step = view.stream?.position, record = view.stream?.records.find((r) => r.step === step);
  if (step === null || !record) return;
  const x = scale.x(record.epoch);
  context.strokeStyle = style.text;
  context.lineWidth = 1;
  stroke(context, [[x, PAD.top], [x, box.h - PAD.bottom]]);
}

function showTip(tip, plots, state, each, width, texts) {
  const plot = plots[Math.floor((state.x ?? -1) / each)];
  tip.hidden = !plot || plot.epoch === undefined || !plot.lines.some((l) => l.points.length);
  if (tip.hidden) return;
  const near = (points) => points.reduce((best, p) => (Math.abs(p.epoch - plot.epoch) < Math.abs(best.epoch - plot.epoch) ? p : best), points[0]);
  const several = plot.lines.some((l) => l.points.some((p) => p.high > p.low));
  tip.textContent = plot.lines.filter((l) => l.points.length).map((l) => {
    const p = near(l.points), spread = p.high > p.low ? ` (${formatNumber(p.low, 3)}–${formatNumber(p.high, 3)})` : "";
    return `${l.name} ${formatNumber(p.mean, 3)}${spread}`;
  }).concat(several ? texts.band : []).join("   ");
  tip.style.left = `${Math.min(state.x + 10, width - tip.offsetWidth - 4)}px`;
}
