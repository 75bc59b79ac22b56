// Bands over seeds against the golden points of core/compare/bands.py (tests/core/compare/test_bands.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { bandPoints } from "../../dashboard/live/static/bands.js";

const golden = JSON.parse(readFileSync(new URL("../golden/bands.json", import.meta.url), "utf8"));

test("the golden bands", () => {
  for (const [key, expected] of Object.entries(golden.points)) {
    const points = bandPoints(golden.runs, key);
    assert.equal(points.length, expected.length, key);
    points.forEach((point, i) => {
      for (const name of /** @type {("epoch" | "low" | "high")[]} */ (["epoch", "low", "high"])) assert.equal(point[name], expected[i][name], `${key} ${name}`);
      assert.ok(Math.abs(point.mean - expected[i].mean) < 1e-12, `${key}: ${point.mean}`);
    });
  }
});

test("points are in the order of epochs; no run has none", () => {
  const records = [2, 0.5, 1].map((epoch) => ({ step: epoch * 8, epoch, seconds: epoch, loss: epoch }));
  assert.deepEqual(bandPoints([records], "loss").map((point) => point.epoch), [0.5, 1, 2]);
  assert.deepEqual(bandPoints([], "loss"), []);
});
