// Which methods a row shows, what a search keeps, what a click asks for.

import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom.js";

const { after, inRow, search } = await import("../../dashboard/live/static/method_picker.js");

const METHODS = [
  { name: "concat", title: "Concatenation", idea: "Put the embeddings side by side.", stage: "feature", common: true, reason: "" },
  { name: "mutan", title: "Tucker fusion (MUTAN)", idea: "A small core of products.", stage: "feature", common: false, reason: "" },
  { name: "late_average", title: "Late average", idea: "Probabilities are averaged.", stage: "decision", common: true, reason: "" },
];
const names = (/** @type {{ name: string }[]} */ methods) => methods.map(({ name }) => name);

test("a row shows the common methods of its stage, and what is chosen", () => {
  assert.deepEqual(names(inRow(METHODS, "feature", [])), ["concat"]);
  assert.deepEqual(names(inRow(METHODS, "feature", ["mutan"])), ["concat", "mutan"]);
  assert.deepEqual(names(inRow(METHODS, "input", ["mutan"])), []);
});

test("a search looks at title, name and explanation, whatever the case; each word counts", () => {
  assert.deepEqual(names(search(METHODS, "TUCKER")), ["mutan"]);
  assert.deepEqual(names(search(METHODS, "  side embeddings ")), ["concat"]);
  assert.deepEqual(names(search(METHODS, "late_")), ["late_average"]);
  assert.deepEqual(names(search(METHODS, "")), names(METHODS));
  assert.deepEqual(names(search(METHODS, "(")), ["mutan"]);
  assert.deepEqual(names(search(METHODS, "nothing")), []);
});

test("one choice is replaced, several come and go in the order of the clicks", () => {
  assert.deepEqual(after(["concat"], "mutan", 1), ["mutan"]);
  assert.deepEqual(after(["concat"], "mutan", 6), ["concat", "mutan"]);
  assert.deepEqual(after(["concat", "mutan"], "concat", 6), ["mutan"]);
});
