// The card beside a point: every modality of the sample, what is true of it, and what the model says.

import { saidOf } from "./blocks.js";
import { samples, show } from "./samples.js";
import { drawing, targetOf } from "./targets/table.js";
import { element, setData } from "./view.js";

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
      const target = targetOf(view);
      if (!item || !stream?.viewSet || !target) return void (shown = null);
      if (!state.samples) samples(stream.viewSet.samples).then((all) => all && ((state.samples = all), view.changed("samples")));
      const name = `${item.i}/${state.frame?.header.step}/${Boolean(state.samples)}`;
      if (name !== shown) content(node, item.i, state, stream.viewSet, { target, texts: view.data.texts });
      shown = name;
      const right = item.x > root.clientWidth / 2;
      node.style.left = right ? "" : `${item.x + 16}px`;
      node.style.right = right ? `${root.clientWidth - item.x + 16}px` : "";
      node.style.top = `${Math.max(4, Math.min(item.y - 20, root.clientHeight - node.offsetHeight - 4))}px`;
    },
  };
}

/** @param {HTMLElement} node @param {number} i @param {MapState} state @param {import("./messages.js").ViewSet} viewSet @param {import("./blocks.js").Context} context */
function content(node, i, state, viewSet, context) {
  const { target, texts } = context, { nodes, ignored } = saidOf(state.frame, i, context);
  const row = element("div", "fus-cardrow");
  for (const { name } of viewSet.modalities) row.append(show(state.samples, name, viewSet.index[i], texts));
  node.replaceChildren(element("div", "fus-cardtitle", drawing(target).title(target, i)), row, ...nodes);
  setData(node, { ignored: ignored.join(" ") });
}

/**
 * A fixed card with two items, for the matrix.
 * @param {HTMLElement} node
 * @param {[[i: number, modality: string], [i: number, modality: string]]} items
 * @param {import("./view.js").View} view
 */
export async function pairCard(node, [a, b], view) {
  const viewSet = view.stream?.viewSet, target = targetOf(view);
  if (!viewSet || !target) return;
  const all = await samples(viewSet.samples);
  node.replaceChildren();
  for (const [i, name] of [a, b]) {
    const item = node.appendChild(element("div", "fus-cardrow"));
    item.append(show(all, name, viewSet.index[i], view.data.texts), element("span", "fus-cardtitle", drawing(target).title(target, i)));
  }
}
