// The card beside a point: every modality of the sample, its label, and what the model predicts.

import { samples, show } from "./samples.js";
import { element, fill } from "./view.js";

/**
 * @typedef {import("./run_stream.js").RunStream} RunStream
 * @typedef {import("./map.js").MapState} MapState
 */

/**
 * A card that `draw(item, state, stream, view)` fills and places; item {i, m, x, y} or null.
 * @param {HTMLElement} root
 */
export function card(root) {
  const node = root.appendChild(element("div", "fus-card"));
  node.hidden = true;
  /** @type {string | null} */
  let shown = null;
  return {
    /**
     * @param {import("./map.js").Hit | null} item
     * @param {MapState} state
     * @param {RunStream | undefined} stream
     * @param {import("./view.js").View} view
     */
    draw(item, state, stream, view) {
      node.hidden = !item;
      if (!item || !stream?.viewSet) return void (shown = null);
      if (!state.samples) samples(stream.viewSet.samples).then((all) => all && ((state.samples = all), view.changed("samples")));
      const name = `${item.i}/${state.frame?.header.step}/${Boolean(state.samples)}`;
      if (name !== shown) content(node, item.i, state, stream, view.data.texts);
      shown = name;
      const right = item.x > root.clientWidth / 2;
      node.style.left = right ? "" : `${item.x + 16}px`;
      node.style.right = right ? `${root.clientWidth - item.x + 16}px` : "";
      node.style.top = `${Math.max(4, Math.min(item.y - 20, root.clientHeight - node.offsetHeight - 4))}px`;
    },
  };
}

/** @param {HTMLElement} node @param {number} i @param {MapState} state @param {RunStream} stream @param {import("./view.js").Texts} texts */
function content(node, i, state, stream, texts) {
  const { viewSet } = stream;
  if (!viewSet) return;
  const predicted = state.frame?.blocks.prediction?.data[i], uncertainty = state.frame?.blocks.uncertainty?.data[i];
  const truth = viewSet.classes[viewSet.labels[i]];
  node.replaceChildren(element("div", "fus-cardtitle", truth));
  const row = node.appendChild(element("div", "fus-cardrow"));
  for (const { name } of viewSet.modalities) row.append(show(state.samples, name, viewSet.index[i], texts));
  if (predicted === undefined) return;
  const text = fill(predicted === viewSet.labels[i] ? texts.right : texts.wrong, { prediction: viewSet.classes[predicted] });
  node.append(element("div", predicted === viewSet.labels[i] ? "fus-right" : "fus-wrong", text));
  if (uncertainty !== undefined) node.append(element("div", "fus-unsure", fill(texts.unsure, { share: (uncertainty / 255).toFixed(2) })));
}

/**
 * A fixed card with two items, for the matrix.
 * @param {HTMLElement} node
 * @param {RunStream} stream
 * @param {[[i: number, modality: string], [i: number, modality: string]]} items
 * @param {import("./view.js").Texts} texts
 */
export async function pairCard(node, stream, [a, b], texts) {
  const { viewSet } = stream;
  if (!viewSet) return;
  const all = await samples(viewSet.samples);
  node.replaceChildren();
  for (const [i, name] of [a, b]) {
    const item = node.appendChild(element("div", "fus-cardrow"));
    item.append(show(all, name, viewSet.index[i], texts), element("span", "fus-cardtitle", viewSet.classes[viewSet.labels[i]]));
  }
}
