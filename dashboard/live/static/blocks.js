// What a run's evaluation gives beside the embedding: blocks of the frame, each with a role (the header's `roles`). A role that
// has a view in this table is shown in the card of a sample; the others pass by, and the card says which they were (`ignored`).

import { drawing } from "./targets/table.js";
import { element, fill } from "./view.js";

/**
 * @typedef {{ target: import("./targets/table.js").Target, texts: import("./view.js").Texts }} Context
 * @typedef {(i: number, name: string, block: import("./messages.js").Block, context: Context) => Element[]} BlockView  what a block says of sample i
 */

/** @type {Map<string, BlockView>} by role */
export const BLOCKS = new Map(/** @type {[string, BlockView][]} */ ([
  ["answer", (i, name, block, { target, texts }) => drawing(target).answer(target, i, name, block, texts)],
  ["uncertainty", (i, _, { data }, { texts }) => [element("div", "fus-unsure", fill(texts.unsure, { share: (data[i] / 255).toFixed(2) }))]],
]));

/** @type {Record<string, string>} of blocks in frames of before there were roles */
const OLD = { prediction: "answer", uncertainty: "uncertainty" };

/**
 * The nodes that the blocks of a frame have for sample i, and the names of the blocks that no view shows.
 * @param {import("./messages.js").Frame | null} frame
 * @param {number} i
 * @param {Context} context
 */
export function saidOf(frame, i, context) {
  /** @type {{ nodes: Element[], ignored: string[] }} */
  const said = { nodes: [], ignored: [] }, { roles = OLD } = frame?.header ?? {};
  for (const [name, role] of Object.entries(roles)) {
    const block = frame?.blocks[name], view = BLOCKS.get(role || (OLD[name] ?? ""));
    if (block && view) said.nodes.push(...view(i, name, block, context));
    else if (block) said.ignored.push(name);
  }
  return said;
}
