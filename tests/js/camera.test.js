// Zoom and pan: where a point of the map lands on the screen.

import assert from "node:assert/strict";
import { test } from "node:test";

import { asElement, event, FakeNode } from "./dom.js";
import { camera } from "../../dashboard/live/static/camera.js";

const SIZE = { clientWidth: 400, clientHeight: 300 };

function opened() {
  const node = Object.assign(new FakeNode("canvas"), SIZE);
  let changes = 0;
  const lens = camera(asElement(node), () => (changes += 1));
  /** @param {number} x @param {number} y */
  const at = (x, y) => lens.place(SIZE.clientWidth, SIZE.clientHeight)(x, y).map((v) => Math.round(v * 1e6) / 1e6);
  return { node, lens, at, changes: () => changes };
}

test("the middle of the map is the middle of the canvas, up is up, and one unit fits", () => {
  const { at } = opened();
  assert.deepEqual(at(0, 0), [200, 150]);
  const [right, top] = at(1, 1);
  assert.ok(right > 200 && right <= 400 && top < 150 && top >= 0);
});

test("the wheel keeps what is under the pointer", () => {
  const { node, at, lens, changes } = opened();
  const under = { offsetX: 260, offsetY: 90 }, [x0, y0] = at(0, 0), unit = at(1, 0)[0] - x0;
  const point = [(under.offsetX - x0) / unit, (y0 - under.offsetY) / unit];
  node.dispatchEvent(event("wheel", { ...under, deltaY: -400 }));
  assert.equal(changes(), 1);
  assert.deepEqual(at(point[0], point[1]), [260, 90]);
  assert.ok(at(1, 0)[0] - at(0, 0)[0] > unit * 1.5);
  assert.ok(lens.dot() > 1 && lens.dot() <= 2.2);
});

test("zoom ends at 40 and at a half", () => {
  const { node, at } = opened();
  const unit = () => at(1, 0)[0] - at(0, 0)[0], before = unit();
  for (let i = 0; i < 50; i += 1) node.dispatchEvent(event("wheel", { offsetX: 0, offsetY: 0, deltaY: -1000 }));
  assert.ok(Math.abs(unit() / before - 40) < 1e-6);
  for (let i = 0; i < 50; i += 1) node.dispatchEvent(event("wheel", { offsetX: 0, offsetY: 0, deltaY: 1000 }));
  assert.ok(Math.abs(unit() / before - 0.5) < 1e-6);
});

test("dragging moves, letting go ends it, a double click resets", () => {
  const { node, at } = opened();
  node.dispatchEvent(event("pointerdown", { clientX: 10, clientY: 10 }));
  node.dispatchEvent(event("pointermove", { clientX: 35, clientY: -10, buttons: 1, pointerId: 1 }));
  assert.deepEqual(at(0, 0), [225, 130]);
  node.dispatchEvent(event("pointerup"));
  node.dispatchEvent(event("pointermove", { clientX: 90, clientY: 90, buttons: 1, pointerId: 1 }));
  assert.deepEqual(at(0, 0), [225, 130]);
  node.dispatchEvent(event("dblclick"));
  assert.deepEqual(at(0, 0), [200, 150]);
});

test("keys move and zoom around the middle; others are left to the page", () => {
  const { node, at } = opened();
  node.dispatchEvent(event("keydown", { key: "ArrowLeft" }));
  assert.deepEqual(at(0, 0), [230, 150]);
  node.dispatchEvent(event("keydown", { key: "0" }));
  node.dispatchEvent(event("keydown", { key: "+" }));
  assert.deepEqual(at(0, 0), [200, 150]);
  assert.equal(node.dataset.zoom, "1.250");
  const other = event("keydown", { key: "a" }), taken = event("keydown", { key: "-" });
  node.dispatchEvent(other);
  node.dispatchEvent(taken);
  assert.equal(other.defaultPrevented, false);
  assert.equal(taken.defaultPrevented, true);
  assert.equal(node.dataset.zoom, "1.000");
});

test("one finger leaves the map where it is, two zoom around their middle and carry it along", () => {
  const { node, at, changes } = opened();
  /** @param {string} name @param {number} pointerId @param {number} offsetX @param {number} offsetY */
  const touch = (name, pointerId, offsetX, offsetY) => node.dispatchEvent(event(name, { pointerType: "touch", pointerId, offsetX, offsetY, buttons: 1 }));
  const [x0] = at(0, 0), unit = at(1, 0)[0] - x0;
  touch("pointerdown", 1, 150, 150);
  touch("pointermove", 1, 150, 250);
  touch("pointermove", 1, 150, 150);
  assert.deepEqual([at(0, 0), changes()], [[200, 150], 0]);
  touch("pointerdown", 2, 250, 150);
  touch("pointermove", 2, 350, 150); // twice as far apart; what was between the fingers is between them
  assert.ok(Math.abs(at(1, 0)[0] - at(0, 0)[0] - 2 * unit) < 1e-6);
  assert.deepEqual(at(0, 0), [250, 150]);
  touch("pointerup", 2, 350, 150);
  const still = at(0, 0);
  touch("pointermove", 1, 150, 300);
  assert.deepEqual(at(0, 0), still);
});
