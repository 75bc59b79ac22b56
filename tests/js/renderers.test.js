// The renderers: one per kind, what runs of 0.1 wrote, a kind that nobody knows, and files read as Python wrote them.

import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom.js";

globalThis.matchMedia = /** @type {any} */ (() => ({ matches: true })); // no motion
const { show, samples, thumbnail } = await import("../../dashboard/live/static/samples.js");
const { RENDERERS } = await import("../../dashboard/live/static/renderers/table.js");
const { levels } = await import("../../dashboard/live/static/renderers/series.js");
const { mulaw } = await import("../../dashboard/live/static/renderers/sound.js");
const { bytes } = await import("../../dashboard/live/static/renderers/source.js");
const TEXTS = { play: "play", unknown_kind: "{name}: no {kind}", scent: "smell" };

/** Answer requests for these files, and note which were made. @param {Record<string, unknown>} files */
function serve(files) {
  /** @type {string[]} */
  const asked = [];
  globalThis.fetch = async (url) => {
    const name = String(url).split("/samples/")[1];
    asked.push(name);
    const body = files[name.split("?")[0]];
    return body === undefined ? new Response("", { status: 404 }) : new Response(body instanceof Uint8Array ? /** @type {any} */ (body) : JSON.stringify(body));
  };
  return asked;
}

/** @param {any} node @returns {import("./dom.js").FakeNode} */
const fake = (node) => node;

test("every kind has a module that draws a thumbnail and a card", async () => {
  assert.deepEqual([...RENDERERS.keys()], ["picture", "sound", "text", "series", "clip", "vector", "trace"]);
  for (const fetchModule of RENDERERS.values()) {
    const module = await fetchModule();
    assert.equal(typeof module.thumbnail, "function");
    assert.equal(typeof module.card, "function");
    assert.ok(["undefined", "function"].includes(typeof module.play));
  }
});

test("samples of 0.1 are drawn: a first picture without a file, a trace", async () => {
  serve({ "0a/index.json": { count: 30, modalities: { image: { kind: "picture", sprite: [48, 48], columns: 25 }, x1: { kind: "trace", values: [[0, 1], [1, 0.5]] } } } });
  const all = await samples("0a");
  const picture = fake(show(all, "image", 26, TEXTS)), line = fake(show(all, "x1", 1, TEXTS));
  assert.match(picture.style.background, /samples\/0a\/sprites\.png"\) -48px -48px \/ 1200px 96px/);
  assert.equal(line.all("polyline")[0].attributes.points, "2.00,2.00 98.00,18.00");
});

test("a kind that nobody knows says its name and that it cannot be drawn; a modality without an entry its name", async () => {
  serve({ "0b/index.json": { count: 1, modalities: { scent: { kind: "molecules" }, proto: { kind: "__proto__" } } } });
  const all = await samples("0b");
  assert.equal(show(all, "scent", 0, TEXTS).textContent, "smell: no molecules");
  assert.equal(show(all, "proto", 0, TEXTS).textContent, "proto: no __proto__");
  assert.equal(show(all, "other", 0, TEXTS).textContent, "other");
  assert.equal(show(null, "scent", 0, TEXTS).textContent, "smell");
});

test("pictures larger than a thumbnail are shrunk, whole sheets with them", async () => {
  serve({ "0c/index.json": { count: 3, modalities: { photo: { kind: "picture", file: "picture-0.png", sprite: [112, 56], columns: 25 } } } });
  const source = (await samples("0c"))?.sources.get("photo");
  assert.ok(source);
  const node = fake(thumbnail(source, 2, TEXTS));
  assert.deepEqual([node.style.width, node.style.height], ["56px", "28px"]);
  assert.match(node.style.background, /picture-0\.png"\) -112px 0px \/ 1400px 28px/);
});

test("a clip without motion stands at its middle frame, in the sheet of its sample", async () => {
  const frames = Array.from({ length: 30 }, (_, i) => (i === 27 ? 4 : 8));
  serve({ "0d/index.json": { count: 30, modalities: { clip: { kind: "clip", files: ["clip-0-0.png", "clip-0-1.png"], sprite: [48, 48], sheet: 25, frames, rate: 8 } } } });
  const node = fake(show(await samples("0d"), "clip", 27, TEXTS));
  assert.equal(node.dataset.frame, "2");
  assert.match(node.style.background, /clip-0-1\.png"\) -96px -96px \/ 384px 240px/);
});

test("a series is read as core/renderers/series.py wrote it, from one request", async () => {
  const words = new Uint16Array([9, 9, 0, 65535, 65535, 13107]);
  const asked = serve({ "0e/index.json": { count: 2, modalities: { ecg: { kind: "series", file: "series-0.bin", rate: 50, range: [[-1, 1], [0, 5]], offsets: [0, 1, 3] } } }, "0e/series-0.bin": new Uint8Array(words.buffer) });
  const all = await samples("0e"), source = /** @type {any} */ (all?.sources.get("ecg"));
  assert.deepEqual(await levels(source, 1), [[0, 1], [1, 0.2]]);
  assert.equal(fake(show(all, "ecg", 1, TEXTS)).all("title")[0].textContent, "ecg: 0 … 0.04 s; -1 … 1; 0 … 5");
  assert.deepEqual(asked, ["0e/index.json?2", "0e/series-0.bin"]);
});

test("a file that could not be fetched is requested again", async () => {
  const source = { hash: "0f", name: "x", count: 1, entry: {}, files: new Map() };
  serve({});
  await assert.rejects(bytes(source, "sound-0.bin"), /404/);
  serve({ "0f/sound-0.bin": new Uint8Array([1, 2]) });
  assert.equal((await bytes(source, "sound-0.bin")).byteLength, 2);
});

test("mu-law: silence, both ends, and the signs", () => {
  assert.equal(mulaw(0xff), 0);
  assert.ok(Math.abs(mulaw(0x80) - 0.98) < 0.01 && Math.abs(mulaw(0x00) + 0.98) < 0.01);
});
