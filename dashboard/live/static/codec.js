// The twin of core/runs/frames.py: a JSON header and typed arrays. Golden bytes test both.

const VIEWS = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array, float16: Uint16Array };

/**
 * Decode a picture: {header, blocks: {name: {data: TypedArray, shape}}}. Throws RangeError on anything malformed.
 * @param {ArrayBuffer} buffer
 * @returns {import("./messages.js").Frame}
 */
export function decode(buffer) {
  const bytes = new DataView(buffer);
  if (buffer.byteLength < 8 || bytes.getUint32(0, false) !== 0x46555331) throw new RangeError("not a frame");
  const length = bytes.getUint32(4, true);
  if (8 + length > buffer.byteLength) throw new RangeError("the frame ends inside its header");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  /** @type {import("./messages.js").Frame["blocks"]} */
  const blocks = {};
  for (const entry of header.blocks) blocks[entry.name] = block(buffer, 8 + length, entry);
  const { look, ...current } = header; // the name of diagnostics in earlier runs
  return { header: look ? { ...current, diagnostics: look } : current, blocks };
}

/** @param {ArrayBuffer} buffer @param {number} start of the blocks, in bytes @param {import("./messages.js").BlockEntry} entry @returns {import("./messages.js").Block} */
function block(buffer, start, { dtype, shape, offset }) {
  const count = shape.reduce((product, n) => product * n, 1);
  const raw = new VIEWS[dtype](buffer, start + offset, count); // throws RangeError outside the buffer
  return { shape, data: dtype === "float16" ? Float32Array.from(raw, half) : raw };
}

/**
 * Half precision, as its bits.
 * @param {number} bits
 */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
