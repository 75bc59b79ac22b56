// How targets are shown: a toy view beside those of the table, titles in the page's language, the legend, blocks by their roles.

import assert from "node:assert/strict";
import { test } from "node:test";

import { asElement, FakeNode } from "./dom.js";

const { drawing, shows, targetOf, VIEWS } = await import("../../dashboard/live/static/targets/table.js");
const { BLOCKS, saidOf } = await import("../../dashboard/live/static/blocks.js");
const { legend } = await import("../../dashboard/live/static/legend.js");
const { colour } = await import("../../dashboard/live/static/palette.js");

/** @typedef {import("../../dashboard/live/static/messages.js").ViewedTarget} ViewedTarget */

const TEXTS = { audio: "sound", right: "says {prediction}", wrong: "says {prediction}: wrong", says: "says {prediction}", unsure: "unsure {share}" };

/** A live view of a run with this target. @param {ViewedTarget | undefined} target @param {Record<string, string>} [titles] */
function viewOf(target, titles = {}) {
  const viewSet = /** @type {any} */ ({ modalities: [{ name: "audio" }, { name: "ecg" }], classes: ["cat", "dog"], labels: [1, 0, 1], target });
  const view = { stream: { viewSet }, data: { titles }, changes: 0, changed: () => void (view.changes += 1) };
  return view;
}

/** The target of a run, once what shows it is fetched. @param {ViewedTarget | undefined} given @param {Record<string, string>} [titles] */
async function fetched(given, titles) {
  const view = viewOf(given, titles), target = targetOf(view);
  for (let tries = 0; target && VIEWS.has(target.view) && shows(target) !== target.view && tries < 500; tries += 1) await new Promise((done) => setTimeout(done, 10));
  assert.ok(target && targetOf(view) === target, "made once per view set");
  return target;
}

/** A frame with these blocks. @param {Record<string, number[]>} blocks @param {Record<string, string>} [roles] */
const frame = (blocks, roles) => /** @type {any} */ ({ header: { roles }, blocks: Object.fromEntries(Object.entries(blocks).map(([name, data]) => [name, { data, shape: [data.length] }])) });

/** What the card says of sample i. @param {any} shown @param {number} i @param {import("../../dashboard/live/static/targets/table.js").Target} target */
const said = (shown, i, target) => saidOf(shown, i, { target, texts: TEXTS }).nodes.map((node) => node.textContent);

const LABELS = { name: "labels", view: "labels", names: ["red", "green", "blue"], truth: [[0, 2], [], [1]] };
const VALUE = { name: "value", view: "scale", names: ["x", "y"], truth: [[-1, 0], [0, 5], [1, 10]], units: ["px", ""], range: /** @type {[number, number][]} */ ([[-1, 1], [0, 10]]) };

test("a run of before shows its class, with the titles of the page's language", async () => {
  const target = await fetched(undefined, { dog: "Hund" }), { swatch, paint, legend: keys, title } = drawing(target);
  assert.deepEqual([0, 1, 2].map((i) => swatch(target, i)), [1, 0, 1]);
  assert.equal(paint(target, 1, false).fill, colour(1, false));
  assert.deepEqual(keys(target), [[0, "cat"], [1, "Hund"]]);
  assert.equal(title(target, 0), "Hund");
  assert.deepEqual(said(frame({ prediction: [1, 1, 0] }), 0, target), ["says Hund"]);
  assert.deepEqual(said(frame({ prediction: [1, 1, 0] }), 2, target), ["says cat: wrong"]);
});

test("several labels: who has the chosen one, and the likeliest in the answer", async () => {
  const target = await fetched(LABELS, { red: "rot" }), { swatch, columns, legend: keys, title } = drawing(target);
  assert.deepEqual(columns(target), ["rot", "green", "blue"]);
  assert.deepEqual([[0, 1, 2].map((i) => swatch(target, i)), keys(target)], [[1, 0, 0], [[1, "rot"]]]);
  target.column = 1;
  assert.deepEqual([[0, 1, 2].map((i) => swatch(target, i)), keys(target)], [[0, 0, 1], [[1, "green"]]]);
  assert.deepEqual([0, 1].map((i) => title(target, i)), ["rot · blue", ""]);
  assert.deepEqual(said(frame({ label_chance: [0, 0, 0, 51, 255, 0] }, { label_chance: "answer" }), 1, target), ["says green 1.00 · rot 0.20 · blue 0.00"]);
});

test("numbers: a scale from the least to the greatest, with its unit", async () => {
  const target = await fetched(VALUE, { x: "links", px: "Punkte" }), { swatch, paint, legend: keys, title } = drawing(target);
  const shades = [0, 1, 2].map((i) => paint(target, swatch(target, i), false).fill);
  assert.equal(new Set(shades).size, 3);
  assert.deepEqual(keys(target).map(([, text]) => text), ["-1.00 Punkte", "0.00 Punkte", "1.00 Punkte"]);
  assert.equal(title(target, 1), "links 0.00 Punkte · y 5.00");
  assert.deepEqual(said(frame({ value: [0, 0, 0.25, 4] }, { value: "answer" }), 1, target), ["says links 0.25 Punkte · y 4.00"]);
  const flat = { ...target, range: /** @type {[number, number][]} */ ([[2, 2]]), truth: [[2]], column: 0 };
  assert.equal(swatch(flat, 0), 0);
});

test("a new view is a module and a line; without it a target is plain and nothing breaks", async () => {
  const plain = await fetched({ name: "place", view: "ruler", names: ["place"], truth: [3, 1, 2] });
  assert.deepEqual([drawing(plain).swatch(plain, 2), drawing(plain).legend(plain), said(frame({ place: [3, 1, 2] }, { place: "answer" }), 0, plain)], [0, [], []]);
  const classes = drawing(await fetched(undefined));
  VIEWS.set("ruler", async () => ({ ...classes, title: ({ truth }, i) => `at ${truth[i]}` }));
  const view = viewOf({ name: "place", view: "ruler", truth: [3, 1, 2] }), target = targetOf(view);
  await new Promise((done) => setTimeout(done, 10));
  assert.equal(view.changes, 1, "the view is drawn again when its module is there");
  assert.ok(target && drawing(target).title(target, 0) === "at 3");
  VIEWS.delete("ruler");
});

test("a role with a view is shown, one without is ignored by name, and neither disturbs the answer", async () => {
  const target = await fetched(undefined);
  const given = frame({ prediction: [1, 0, 1], uncertainty: [255, 0, 0], "reconstruction/x1": [0.5, 1, 2], odd: [1] }, { prediction: "answer", uncertainty: "uncertainty", "reconstruction/x1": "reconstruction", odd: "", gone: "answer" });
  const { nodes, ignored } = saidOf(given, 0, { target, texts: TEXTS });
  assert.deepEqual([nodes.map((node) => node.textContent), ignored], [["says dog", "unsure 1.00"], ["reconstruction/x1", "odd"]]);
  BLOCKS.set("reconstruction", (i, name, { data }) => [asElement(Object.assign(new FakeNode("b"), { textContent: `${name} ${data[i]}` }))]);
  assert.deepEqual(said(given, 1, target), ["says cat", "unsure 0.00", "reconstruction/x1 1"]);
  BLOCKS.delete("reconstruction");
  assert.deepEqual(saidOf(null, 0, { target, texts: TEXTS }), { nodes: [], ignored: [] });
});

test("the legend names modalities by shape, paints by colour, and the column that a person chooses", async () => {
  const root = new FakeNode("div"), view = viewOf(undefined);
  let chosen = 0;
  const { draw } = legend(asElement(root), () => (chosen += 1));
  draw(view.stream.viewSet, await fetched(undefined), false, TEXTS);
  assert.deepEqual(root.all("span").map((key) => key.textContent), ["sound", "ecg", "cat", "dog"]);
  const paths = root.all("path");
  assert.notEqual(paths[0].attributes.d, paths[1].attributes.d);
  assert.equal(paths[2].attributes.fill, colour(0, false));
  const target = await fetched(VALUE);
  draw(view.stream.viewSet, target, false, TEXTS);
  const select = /** @type {any} */ (root.all("select")[0]);
  select.value = "1";
  select.onchange();
  draw(view.stream.viewSet, target, false, TEXTS);
  assert.deepEqual([chosen, root.all("span").at(-1)?.textContent], [1, "10.00"]);
});
