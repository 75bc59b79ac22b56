// Scales and ticks of the charts.

import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom.js";

const { axes, ticks } = await import("../../dashboard/live/static/axes.js");
const BOX = { x: 100, w: 300, h: 200 };

/** @param {[epoch: number, mean: number][]} points */
const line = (points) => ({ points: points.map(([epoch, mean]) => ({ epoch, mean, low: mean, high: mean })) });

test("ticks are round, inside, and about as many as wanted", () => {
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(0, 24, 5), [0, 5, 10, 15, 20]);
  assert.deepEqual(ticks(-0.13, 0.31, 4), [0, 0.2]);
  assert.deepEqual(ticks(0, 7e-7, 4), [0, 2e-7, 4e-7, 6e-7]);
  for (const [low, high] of [[0, 3.7], [-2, 5], [1e30, 3e30], [0.001, 0.0012]]) {
    const found = ticks(low, high, 4);
    assert.ok(found.length >= 1 && found.length <= 9 && found.every((v) => v >= low - 1e-9 && v <= high * (1 + 1e-9)), `${low} to ${high}: ${found}`);
  }
});

test("axes of any size have a few ticks, inside", () => {
  for (const [low, high] of [[0, 1], [0, 1e30], [-1e30, 1e-6], [-2e12, -2e12 + 0.001], [0, 1e-30], [1e30, 1e30 * (1 + 2e-16)]]) {
    const values = ticks(low, high, 4);
    assert.ok(values.length >= 1 && values.length <= 18, `${low} to ${high}: ${values}`);
    for (const value of values) assert.ok(value >= low - 1e-3 * Math.abs(low) && value <= high + 1e-3 * Math.abs(high), `${low} to ${high}: ${value}`);
  }
  for (const [low, high] of [[1e30, 1e30], [0, 0], [3, 2], [3, 3]]) assert.deepEqual(ticks(low, high, 4), [low]);
  assert.deepEqual(ticks(NaN, 1, 4), []);
});

test("the scale maps epochs and values into the box, and back", () => {
  const scale = axes({ lines: [line([[0, 2], [4, 1], [8, 0.5]])] }, BOX, { stream: { status: { epochs: 10 } } });
  assert.equal(scale.epochs, 10);
  assert.equal(scale.bottom, 0);
  assert.ok(Math.abs(scale.epoch(scale.x(7)) - 7) < 1e-9);
  assert.ok(scale.x(0) > BOX.x && scale.x(10) < BOX.x + BOX.w);
  assert.ok(scale.y(0) > scale.y(1) && scale.y(scale.top) >= 0 && scale.y(0) <= BOX.h);
  assert.equal(scale.y(1e9), scale.y(scale.top), "what lies outside is drawn at the edge");
});

test("a run with a budget in seconds has as many epochs as it has reached; one without records has one", () => {
  const stream = { status: { epochs: 10, budget: 5 } };
  assert.equal(axes({ lines: [line([[0, 1], [3, 1]])] }, BOX, { stream }).epochs, 3);
  assert.equal(axes({ lines: [line([])] }, BOX, { stream }).epochs, 1);
  assert.equal(axes({ lines: [], top: 1, bottom: 0 }, BOX, { stream: undefined }).top, 1);
});

test("one outlier among many does not flatten the curve", () => {
  const lines = [line([[0, 1000], ...Array.from({ length: 199 }, (_, i) => /** @type {[number, number]} */ ([i + 1, 1]))])];
  assert.ok(axes({ lines }, BOX, { stream: undefined }).top < 2);
});
