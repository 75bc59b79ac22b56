// Numbers and texts as views write them, the number cells, file names.

import assert from "node:assert/strict";
import { test } from "node:test";

import { asElement, FakeNode } from "./dom.js";

const { fill, formatNumber, setData, setText } = await import("../../dashboard/live/static/view.js");
const { colour, mark, pathData, ramp, shape, trace } = await import("../../dashboard/live/static/palette.js");
const { fileName } = await import("../../dashboard/live/static/save.js");

test("numbers: digits, powers of ten, a dash for none", () => {
  assert.equal(formatNumber(0.12345, 2), "0.12");
  assert.equal(formatNumber(123456, 2), "1.23e5");
  assert.equal(formatNumber(-1e-9, 3), "-0.000");
  for (const none of [NaN, Infinity, null, undefined]) assert.equal(formatNumber(none, 2), "–");
});

test("places of a text are filled; those without a value stay", () => {
  assert.equal(fill("{a} of {b}, {c}", { a: 1, b: "two" }), "1 of two, {c}");
  assert.equal(fill(undefined, {}), "");
});

test("nodes are written only when something changed", () => {
  const node = new FakeNode("p");
  setText(asElement(node), "text");
  assert.equal(node.textContent, "text");
  let writes = 0;
  node.dataset = new Proxy({}, { set: (table, name, value) => ((writes += 1), Reflect.set(table, name, value)) });
  setData(asElement(node), { step: 3, view: "map" });
  setData(asElement(node), { step: 3, view: "map" });
  assert.equal(writes, 2);
});

test("colours: sixteen that differ on either background, then from the beginning", () => {
  for (const dark of [false, true]) {
    assert.equal(new Set(Array.from({ length: 16 }, (_, i) => colour(i, dark))).size, 16);
    assert.equal(colour(16, dark), colour(0, dark));
  }
});

test("the ramp goes from the background to its opposite, 256 steps", () => {
  const light = ramp(false), dark = ramp(true), sum = (/** @type {Uint8ClampedArray} */ table, /** @type {number} */ i) => table[3 * i] + table[3 * i + 1] + table[3 * i + 2];
  assert.equal(light.length, 768);
  assert.deepEqual([...light.slice(0, 3)], [255, 255, 255]);
  assert.ok(sum(light, 0) > sum(light, 128) && sum(light, 128) > sum(light, 255));
  assert.ok(sum(dark, 0) < sum(dark, 128) && sum(dark, 128) < sum(dark, 255));
});

test("eight modalities have eight shapes, and 32 classes a colour or a mark of their own", () => {
  assert.equal(new Set(Array.from({ length: 8 }, (_, m) => pathData(shape(m), 6, 6, 4))).size, 8);
  assert.equal(shape(8), shape(0));
  for (const dark of [false, true]) assert.equal(new Set(Array.from({ length: 32 }, (_, k) => `${colour(k, dark)} ${mark(k)?.name}`)).size, 32);
  assert.equal(mark(7), null);
  assert.equal(mark(8)?.name, "hole");
});

test("an outline is traced on a canvas and written as a path from the same corners", () => {
  /** @type {unknown[][]} */
  const calls = [], note = (/** @type {string} */ name) => (/** @type {number[]} */ ...at) => void calls.push([name, ...at]);
  const context = /** @type {any} */ ({ beginPath: note("begin"), arc: note("arc"), moveTo: note("M"), lineTo: note("L"), closePath: note("z") });
  const triangle = { name: "triangle", corners: /** @type {[number, number][]} */ ([[0, -1], [1, 1], [-1, 1]]) };
  trace(context, triangle, 10, 20, 2);
  assert.deepEqual(calls, [["begin"], ["M", 10, 18], ["L", 12, 22], ["L", 8, 22], ["z"]]);
  assert.equal(pathData(triangle, 10, 20, 2), "M10.00 18.00L12.00 22.00L8.00 22.00z");
  calls.length = 0;
  trace(context, { name: "circle", radius: 0.5 }, 10, 20, 2);
  assert.deepEqual(calls, [["begin"], ["arc", 10, 20, 1, 0, 2 * Math.PI]]);
});

test("files are named after what they show; no part of a name leads out of the folder", () => {
  assert.equal(fileName("map-0a1b2c3d4e5f", "png"), "map-0a1b2c3d4e5f.png");
  assert.equal(fileName("map-", "png"), "map.png");
  assert.equal(fileName("a/b\\c:d", "svg"), "a-b-c-d.svg");
});
