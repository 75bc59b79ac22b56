// The codec against the golden bytes that core/runs/frames.py writes (tests/core/runs/test_frames.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { decode } from "../../dashboard/live/static/codec.js";

/** @param {string} name @returns {ArrayBuffer} */
function golden(name) {
  const hex = readFileSync(new URL(`../golden/${name}`, import.meta.url), "ascii").replace(/\s/g, "");
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16)).buffer;
}

test("the golden frame", () => {
  const { header, blocks } = decode(golden("frame.hex"));
  assert.equal(/** @type {string} */ (header.kind), "golden");
  assert.deepEqual([...blocks.a.data], [1, -2]);
});

test("every type of block, and text beyond ASCII", () => {
  const { header, blocks } = decode(golden("frame_blocks.hex"));
  assert.equal(/** @type {Record<string, unknown>} */ (/** @type {unknown} */ (header)).text, "数");
  assert.deepEqual(blocks.z.shape, [2, 3, 4]);
  assert.deepEqual([...blocks.xy.data], [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4]);
  assert.deepEqual([...blocks.one.data], [7]);
  assert.deepEqual([...blocks.none.data], []);
  assert.deepEqual([...blocks.many.data], [0, 256, 65535]);
  const { data } = blocks.z; // 24 values from -2 to 2 in half precision: 11 bits
  assert.equal(data.length, 24);
  data.forEach((value, i) => assert.ok(Math.abs(value - (-2 + (4 * i) / 23)) <= 2 ** -10, `value ${i}: ${value}`));
});

test("half precision: zero, the smallest, the largest, infinity, none", () => {
  const bits = [0x0000, 0x8000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x3c00, 0xc000];
  const { data } = decode(frame([{ name: "h", dtype: "float16", shape: [bits.length], offset: 0, bytes: 2 * bits.length }], Uint16Array.from(bits))).blocks.h;
  assert.deepEqual([...data], [0, -0, 2 ** -24, 65504, Infinity, -Infinity, NaN, 1, -2]);
});

test("diagnostics of earlier runs, which called them look", () => {
  const replay = new URL("../../assets/replays/replay-start/projection/000000.bin", import.meta.url);
  const { header } = decode(Uint8Array.from(readFileSync(replay)).buffer);
  assert.ok(!("look" in header) && Object.keys(header.diagnostics ?? {}).length > 0);
});

test("what is malformed is refused", () => {
  const whole = golden("frame_blocks.hex");
  for (const cut of [0, 3, 7, 8, 40, whole.byteLength - 8]) assert.throws(() => decode(whole.slice(0, cut)), Error, `cut at ${cut}`);
  assert.throws(() => decode(new Uint8Array(64).buffer), RangeError);
  assert.throws(() => decode(frame([{ name: "a", dtype: "uint8", shape: [99], offset: 0, bytes: 99 }], new Uint8Array(8))), RangeError);
});

/** @param {import("../../dashboard/live/static/messages.js").BlockEntry[]} blocks @param {Uint8Array | Uint16Array} payload @returns {ArrayBuffer} */
function frame(blocks, payload) {
  const text = JSON.stringify({ blocks }), header = text.padEnd(text.length + ((8 - (text.length % 8)) % 8));
  const bytes = new Uint8Array(8 + header.length + payload.byteLength);
  bytes.set(new TextEncoder().encode("FUS1"));
  new DataView(bytes.buffer).setUint32(4, header.length, true);
  bytes.set(new TextEncoder().encode(header), 8);
  bytes.set(new Uint8Array(payload.buffer), 8 + header.length);
  return bytes.buffer;
}
