// The curves of several methods: test loss and score, a line per method over its finished seeds, their extremes as a band.
// A method without a finished seed shows its first run as it trains.

import { axes, band, grid, rule, stroke } from "./axes.js";
import { bandPoints } from "./bands.js";
import { colour } from "./palette.js";
import { save } from "./save.js";
import { canvas, component, setHeight, theme } from "./view.js";

/**
 * @typedef {import("./messages.js").CurvePoint} CurvePoint
 * @typedef {{ title: string, run: string, curves: { loss: CurvePoint[], score: CurvePoint[] } }} Method
 * @typedef {import("./view.js").View<import("./view.js").ViewData & { methods: Method[], metric: string, marks: import("./messages.js").Baseline[] }>} View
 * @typedef {import("./axes.js").Bounds & { name: string, marks: import("./messages.js").Baseline[], lines: { title: string, colour: string, points: CurvePoint[] }[] }} Plot
 */

export default component((root, /** @type {View} */ view) => {
  root.classList.add("fus-curves");
  setHeight(root, view.data.height);
  const surface = canvas(root, view.data.texts.label);
  save(root, () => surface.node, "curves", view.data.texts);
  return {
    draw: () => {
      const { context, width, height } = surface.fit(), style = theme(root);
      context.clearRect(0, 0, width, height);
      const plots = [plot(view, "loss", style), plot(view, "score", style)], each = width / plots.length;
      plots.forEach((one, i) => draw(context, one, { x: i * each, w: each, h: height }, view, style));
      view.describe("comparison_curves", { step: view.stream?.records.at(-1)?.step, points: plots[0].lines.reduce((n, l) => n + l.points.length, 0) });
    },
  };
});

/** @param {View} view @param {"loss" | "score"} name @param {import("./view.js").Theme} style @returns {Plot} */
function plot(view, name, style) {
  const { methods, metric, texts, marks } = view.data;
  const lines = methods.map(({ curves, run, title }, i) => {
    const stream = view.streams.find((one) => one.run === run), key = name === "loss" ? "test/loss" : `test/${metric}`;
    return { title, colour: colour(i, style.dark), points: curves[name].length ? curves[name] : bandPoints(stream ? [stream.records] : [], key) };
  });
  return name === "loss" ? { name: texts.loss, lines, marks: [] } : { name: texts.score, lines, marks, top: 1, bottom: 0 };
}

/** @param {CanvasRenderingContext2D} context @param {Plot} one @param {import("./axes.js").Box} box @param {View} view @param {import("./view.js").Theme} style */
function draw(context, one, box, view, style) {
  const scale = axes(one, box, view);
  grid(context, one, scale, box, view, style);
  for (const mark of one.marks) rule(context, mark, scale, box, style);
  for (const { colour: shade, points } of one.lines) {
    context.strokeStyle = context.fillStyle = shade;
    band(context, points, scale);
    context.lineWidth = 2;
    stroke(context, points.map((p) => [scale.x(p.epoch), scale.y(p.mean)]));
  }
  context.textAlign = "left";
  context.font = `600 12px ${style.font}`;
  context.fillStyle = style.text;
  context.fillText(one.name, box.x + 44, 13);
}
