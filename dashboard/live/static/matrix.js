// The similarity matrix: every sample of both modalities against every other, ordered by class. Partners that lie close
// together light up as blocks off the diagonal.

import { pairCard } from "./card.js";
import { ramp } from "./palette.js";
import { save } from "./save.js";
import { drawing, targetOf } from "./targets/table.js";
import { canvas, component, context2d, element, fill, setHeight, theme } from "./view.js";

const EDGE = 18; // px for the labels at the top and the left

/**
 * @typedef {import("./view.js").View} View
 * @typedef {import("./view.js").Theme} Theme
 * @typedef {{ context: CanvasRenderingContext2D, width: number, height: number }} Surface
 *
 * `side` in cells; `size`, `left` and `top` in CSS pixels.
 * @typedef {object} MatrixState
 * @property {HTMLCanvasElement} image
 * @property {import("./messages.js").Frame | null} frame
 * @property {boolean | null} dark
 * @property {number} side
 * @property {Uint8Array} values
 * @property {number} size
 * @property {number} left
 * @property {number} top
 *
 * @typedef {[i: number, modality: string]} Item
 * @typedef {{ items: [Item, Item], cosine: number }} Cell
 */

export default component((root, /** @type {View} */ view) => {
  const { texts } = view.data;
  root.classList.add("fus-matrix");
  setHeight(root, view.data.height);
  const surface = canvas(root, texts.label ?? "");
  save(root, () => surface.node, `matrix-${view.data.runs[0] ?? ""}`, texts);
  const note = root.appendChild(element("div", "fus-note"));
  const info = root.appendChild(element("div", "fus-card fus-pair"));
  info.hidden = true;
  /** @type {MatrixState} */
  const state = { image: document.createElement("canvas"), frame: null, dark: null, side: 0, values: new Uint8Array(), size: 0, left: 0, top: 0 };
  surface.node.addEventListener("pointermove", (event) => readOut(event, state, view, note));
  surface.node.addEventListener("pointerleave", () => (note.textContent = ""));
  surface.node.addEventListener("click", (event) => open(event, state, view, info));
  surface.node.addEventListener("keydown", (event) => void (event.key === "Escape" && (info.hidden = true)));
  return {
    draw: () => {
      const frame = view.stream?.frame(), style = theme(root);
      if (frame?.blocks.similarity && (frame !== state.frame || style.dark !== state.dark)) develop(state, frame, style.dark);
      paint(surface.fit(), state, view, style);
      view.describe("matrix", { step: state.frame?.header.step, points: state.side });
    },
  };
});

/**
 * The upper triangle as a picture of side x side pixels.
 * @param {MatrixState} state
 * @param {import("./messages.js").Frame} frame
 * @param {boolean} dark
 */
function develop(state, frame, dark) {
  const triangle = frame.blocks.similarity.data, side = Math.round((Math.sqrt(8 * triangle.length + 1) - 1) / 2);
  const pixels = new ImageData(side, side), table = ramp(dark), values = new Uint8Array(side * side);
  for (let i = 0, k = 0; i < side; i += 1)
    for (let j = i; j < side; j += 1, k += 1) values[i * side + j] = values[j * side + i] = triangle[k];
  for (let p = 0; p < values.length; p += 1) {
    const v = 3 * values[p];
    pixels.data[4 * p] = table[v];
    pixels.data[4 * p + 1] = table[v + 1];
    pixels.data[4 * p + 2] = table[v + 2];
    pixels.data[4 * p + 3] = 255;
  }
  state.image.width = state.image.height = side;
  context2d(state.image).putImageData(pixels, 0, 0);
  Object.assign(state, { frame, dark, side, values });
}

/** @param {Surface} surface @param {MatrixState} state @param {View} view @param {Theme} style */
function paint({ context, width, height }, state, view, style) {
  context.clearRect(0, 0, width, height);
  const size = Math.min(width - EDGE, height - EDGE);
  Object.assign(state, { size, left: EDGE + Math.max(0, (width - EDGE - size) / 2), top: EDGE });
  if (!state.side || !view.stream?.viewSet) return outline(context, state, view, style, size);
  context.imageSmoothingEnabled = false;
  context.drawImage(state.image, state.left, state.top, size, size);
  context.strokeStyle = style.dark ? "rgba(255,255,255,.55)" : "rgba(0,0,0,.55)";
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(state.left + size / 2, state.top);
  context.lineTo(state.left + size / 2, state.top + size);
  context.moveTo(state.left, state.top + size / 2);
  context.lineTo(state.left + size, state.top + size / 2);
  context.stroke();
  labels(context, state, view, style, size);
  selected(context, state, view, style);
}

/**
 * No matrix: its frame, and why.
 * @param {CanvasRenderingContext2D} context
 * @param {MatrixState} state
 * @param {View} view
 * @param {Theme} style
 * @param {number} size
 */
function outline(context, state, view, style, size) {
  const alone = view.stream?.viewSet && view.stream.frame();
  context.strokeStyle = style.line;
  context.setLineDash([4, 4]);
  context.strokeRect(state.left + 0.5, state.top + 0.5, size - 1, size - 1);
  context.setLineDash([]);
  context.fillStyle = style.text;
  context.font = `12px ${style.font}`;
  context.textAlign = "center";
  context.fillText((alone ? view.data.texts.alone : view.data.texts.empty) ?? "", state.left + size / 2, state.top + size / 2, size - 12);
}

/** @param {CanvasRenderingContext2D} context @param {MatrixState} state @param {View} view @param {Theme} style @param {number} size */
function labels(context, state, view, style, size) {
  const [a, b] = names(state, view).map((name) => view.data.texts[name] ?? name);
  context.fillStyle = style.text;
  context.font = `12px ${style.font}`;
  context.textAlign = "center";
  context.fillText(a, state.left + size / 4, state.top - 5);
  context.fillText(b, state.left + (3 * size) / 4, state.top - 5);
  for (const { text, at } of [{ text: a, at: 1 }, { text: b, at: 3 }]) {
    context.save();
    context.translate(state.left - 6, state.top + (at * size) / 4);
    context.rotate(-Math.PI / 2);
    context.fillText(text, 0, 0);
    context.restore();
  }
}

/** @param {CanvasRenderingContext2D} context @param {MatrixState} state @param {View} view @param {Theme} style */
function selected(context, state, view, style) {
  const i = view.stream?.selected?.i, at = i === undefined ? -1 : view.stream?.viewSet?.matrix.indexOf(i) ?? -1;
  if (at < 0) return;
  const edge = state.size / state.side, half = state.side / 2;
  context.strokeStyle = style.accent;
  context.lineWidth = 1.5;
  for (const k of [at, at + half]) {
    context.strokeRect(state.left, state.top + k * edge, state.size, Math.max(edge, 2));
    context.strokeRect(state.left + k * edge, state.top, Math.max(edge, 2), state.size);
  }
}

/** @param {MatrixState} state @param {View} view */
function names(state, view) {
  const chosen = state.frame?.header.matrix_modalities ?? [0, 1];
  return chosen.map((m) => view.stream?.viewSet?.modalities[m]?.name ?? "");
}

/**
 * The two items of the cell under a pointer: [[sample, modality], [sample, modality]] and the cosine.
 * @param {MouseEvent} event
 * @param {MatrixState} state
 * @param {View} view
 * @returns {Cell | null}
 */
function cell(event, state, view) {
  const { viewSet } = view.stream ?? {};
  if (!viewSet || !(event.target instanceof Element)) return null;
  const box = event.target.getBoundingClientRect();
  const at = (/** @type {number} */ offset, /** @type {number} */ start) => Math.floor(((offset - start) / state.size) * state.side);
  const column = at(event.clientX - box.left, state.left), row = at(event.clientY - box.top, state.top);
  if (!state.side || Math.min(row, column) < 0 || Math.max(row, column) >= state.side) return null;
  const half = state.side / 2, [a, b] = names(state, view), order = viewSet.matrix;
  /** @type {(k: number) => Item} */
  const item = (k) => [order[k % half], k < half ? a : b];
  return { items: [item(row), item(column)], cosine: (state.values[row * state.side + column] / 255) * 2 - 1 };
}

/** @param {MouseEvent} event @param {MatrixState} state @param {View} view @param {HTMLElement} note */
function readOut(event, state, view, note) {
  const hit = cell(event, state, view), target = targetOf(view);
  if (!hit || !target) return void (note.textContent = "");
  const [[i, a], [j, b]] = hit.items;
  const label = (/** @type {string} */ name) => view.data.texts[name] ?? name;
  const { title } = drawing(target);
  const values = { a: label(a), b: label(b), first: title(target, i), second: title(target, j), cosine: hit.cosine.toFixed(2) };
  note.textContent = fill(view.data.texts.cell, values);
}

/** @param {MouseEvent} event @param {MatrixState} state @param {View} view @param {HTMLElement} info */
async function open(event, state, view, info) {
  const hit = cell(event, state, view), { stream } = view;
  info.hidden = !hit;
  if (!hit || !stream) return;
  stream.select({ i: hit.items[0][0] });
  await pairCard(info, hit.items, view);
  info.append(element("div", "fus-right", fill(view.data.texts.cosine, { cosine: hit.cosine.toFixed(2) })));
}
