// The similarity matrix: every sample of both modalities against every other, ordered by class. Partners that lie close
// together light up as blocks off the diagonal.

import { pairCard } from "./card.js";
import { ramp } from "./palette.js";
import { save } from "./save.js";
import { canvas, component, element, fill, theme } from "./view.js";

const EDGE = 18; // px for the labels at the top and the left

export default component((root, view) => {
  const { texts } = view.data;
  root.classList.add("fus-matrix");
  root.style.height = `${view.data.height}px`;
  const surface = canvas(root, texts.label ?? "");
  save(root, () => surface.node, `matrix-${view.data.runs[0] ?? ""}`, texts);
  const note = root.appendChild(element("div", "fus-note"));
  const info = root.appendChild(element("div", "fus-card fus-pair"));
  info.hidden = true;
  const state = { image: document.createElement("canvas"), frame: null, dark: null, side: 0 };
  surface.node.addEventListener("pointermove", (event) => readOut(event, state, view, note));
  surface.node.addEventListener("pointerleave", () => (note.textContent = ""));
  surface.node.addEventListener("click", (event) => open(event, state, view, info));
  surface.node.addEventListener("keydown", (event) => event.key === "Escape" && (info.hidden = true));
  return {
    draw: () => {
      const frame = view.stream?.frame(), style = theme(root);
      if (frame?.blocks.similarity && (frame !== state.frame || style.dark !== state.dark)) develop(state, frame, style.dark);
      paint(surface.fit(), state, view, style);
      view.describe("matrix", { step: state.frame?.header.step, points: state.side });
    },
  };
});

/** The upper triangle as a picture of side x side pixels. */
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
  state.image.getContext("2d").putImageData(pixels, 0, 0);
  Object.assign(state, { frame, dark, side, values });
}

function paint({ context, width, height }, state, view, style) {
  context.clearRect(0, 0, width, height);
  const size = Math.min(width - EDGE, height - EDGE);
  Object.assign(state, { size, left: EDGE + Math.max(0, (width - EDGE - size) / 2), top: EDGE });
  if (!state.side || !view.stream.viewSet) return outline(context, state, view, style, size);
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

/** No matrix: its frame, and why. */
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

function labels(context, state, view, style, size) {
  const [a, b] = names(state, view).map((name) => view.data.texts[name] ?? name);
  context.fillStyle = style.text;
  context.font = `12px ${style.font}`;
  context.textAlign = "center";
  context.fillText(a, state.left + size / 4, state.top - 5);
  context.fillText(b, state.left + (3 * size) / 4, state.top - 5);
  for (const [text, at] of [[a, 1], [b, 3]]) {
    context.save();
    context.translate(state.left - 6, state.top + (at * size) / 4);
    context.rotate(-Math.PI / 2);
    context.fillText(text, 0, 0);
    context.restore();
  }
}

function selected(context, state, view, style) {
  const i = view.stream.selected?.i, at = view.stream.viewSet.matrix.indexOf(i);
  if (i === undefined || at < 0) return;
  const cell = state.size / state.side, half = state.side / 2;
  context.strokeStyle = style.accent;
  context.lineWidth = 1.5;
  for (const k of [at, at + half]) {
    context.strokeRect(state.left, state.top + k * cell, state.size, Math.max(cell, 2));
    context.strokeRect(state.left + k * cell, state.top, Math.max(cell, 2), state.size);
  }
}

function names(state, view) {
  const chosen = state.frame.header.matrix_modalities ?? [0, 1];
  return chosen.map((m) => view.stream.viewSet.modalities[m]?.name ?? "");
}

/** The two items of the cell under a pointer: [[sample, modality], [sample, modality]] and the cosine. */
function cell(event, state, view) {
  const box = event.target.getBoundingClientRect();
  const at = (offset, start) => Math.floor(((offset - start) / state.size) * state.side);
  const column = at(event.clientX - box.left, state.left), row = at(event.clientY - box.top, state.top);
  if (!state.side || Math.min(row, column) < 0 || Math.max(row, column) >= state.side) return null;
  const half = state.side / 2, [a, b] = names(state, view), order = view.stream.viewSet.matrix;
  const item = (k) => [order[k % half], k < half ? a : b];
  return { items: [item(row), item(column)], cosine: (state.values[row * state.side + column] / 255) * 2 - 1 };
}

function readOut(event, state, view, note) {
  const hit = cell(event, state, view);
  if (!hit) return void (note.textContent = "");
  const { viewSet } = view.stream, [[i, a], [j, b]] = hit.items;
  const label = (name) => view.data.texts[name] ?? name;
  const values = { a: label(a), b: label(b), first: viewSet.classes[viewSet.labels[i]], second: viewSet.classes[viewSet.labels[j]], cosine: hit.cosine.toFixed(2) };
  note.textContent = fill(view.data.texts.cell, values);
}

async function open(event, state, view, info) {
  const hit = cell(event, state, view);
  info.hidden = !hit;
  if (!hit) return;
  view.stream.select({ i: hit.items[0][0] });
  await pairCard(info, view.stream, hit.items, view.data.texts);
  info.append(element("div", "fus-right", fill(view.data.texts.cosine, { cosine: hit.cosine.toFixed(2) })));
}
