// A clip: the frames of a sample stand in one row of a sheet (core/renderers/clip.py). In a card it runs, unless its viewer
// wants no motion; a click on the point, or on a thumbnail, runs it once.

import { reducedMotion } from "../view.js";
import { fileAddress } from "./source.js";
import { tile, turn } from "./tile.js";

const THUMBNAIL = 56, CARD = 160; // px a side at most

/** @typedef {import("./source.js").Source<import("../messages.js").ClipEntry>} ClipSource */

/** @type {Set<{ source: ClipSource, i: number, node: HTMLElement, run: () => void }>} clips on the page */
const players = new Set();

/** @param {ClipSource} source @param {number} i @param {import("../view.js").Texts} texts */
export function thumbnail(source, i, texts) {
  const { node, run } = player(source, i, THUMBNAIL, false);
  Object.assign(node, { tabIndex: 0, role: "button", title: texts.play ?? "" });
  node.onclick = (event) => (event.stopPropagation(), run());
  node.onkeydown = (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), run());
  return node;
}

/** @param {ClipSource} source @param {number} i */
export function card(source, i) {
  const { node, run } = player(source, i, CARD, !reducedMotion());
  if (!reducedMotion()) requestAnimationFrame(run); // by then it is on the page
  return node;
}

/** @param {ClipSource} source @param {number} i */
export function play(source, i) {
  for (const one of players) if (one.source === source && one.i === i) one.run();
}

/** @param {ClipSource} source @param {number} i @param {number} largest @param {boolean} again */
function player(source, i, largest, again) {
  const { sprite, files, sheet, frames, rate } = source.entry, count = frames[i] ?? 1;
  const { node, scale } = tile("fus-picture fus-clip", source.name, sprite, largest), part = Math.floor(i / sheet);
  const across = Math.max(...frames.slice()), down = Math.min(sheet, source.count - part * sheet);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  const show = (/** @type {number} */ k) => {
    node.dataset.frame = String(k);
    turn(node, fileAddress(source, files[part] ?? ""), sprite, [across, down], [k, i % sheet], scale);
  };
  const run = () => {
    clearInterval(timer);
    const began = performance.now();
    timer = setInterval(() => {
      const k = Math.floor(((performance.now() - began) / 1000) * rate);
      if (!node.isConnected) return stop();
      if (k < count || again) show(k % count);
      else rest();
    }, Math.max(15, 1000 / rate));
  };
  const rest = () => (clearInterval(timer), show(Math.floor(count / 2))); // what it shows when it stands still
  const stop = () => (clearInterval(timer), players.delete(entry));
  const entry = { source, i, node, run };
  for (const one of players) if (!one.node.isConnected) players.delete(one);
  players.add(entry);
  rest();
  return entry;
}
