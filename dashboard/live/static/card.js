// The card beside a point: every modality of the sample, its label, and what the model predicts.

import { samples, show } from "./samples.js";
import { element, fill } from "./view.js";

/** A card that `draw(item, state, stream, view)` fills and places; item {i, m, x, y} or null. */
export function card(root) {
  const node = root.appendChild(element("div", "fus-card"));
  node.hidden = true;
  let shown = null;
  return {
    draw(item, state, stream, view) {
      node.hidden = !item;
      if (!item) return (shown = null);
      if (!state.index) samples(stream.viewSet.samples).then((index) => index && ((state.index = index), view.changed("samples")));
      const name = `${item.i}/${state.frame?.header.step}/${Boolean(state.index)}`;
      if (name !== shown) content(node, item.i, state, stream, view.data.texts);
      shown = name;
      const right = item.x > root.clientWidth / 2;
      node.style.left = right ? "" : `${item.x + 16}px`;
      node.style.right = right ? `${root.clientWidth - item.x + 16}px` : "";
      node.style.top = `${Math.max(4, Math.min(item.y - 20, root.clientHeight - node.offsetHeight - 4))}px`;
    },
  };
}

function content(node, i, state, stream, texts) {
  const { viewSet } = stream, predicted = state.frame?.blocks.prediction?.data[i], uncertainty = state.frame?.blocks.uncertainty?.data[i];
  const truth = viewSet.classes[viewSet.labels[i]];
  node.replaceChildren(element("div", "fus-cardtitle", truth));
  const row = node.appendChild(element("div", "fus-cardrow"));
  for (const { name } of viewSet.modalities) row.append(show(state.index, name, viewSet.index[i], texts));
  if (predicted === undefined) return;
  const text = fill(predicted === viewSet.labels[i] ? texts.right : texts.wrong, { prediction: viewSet.classes[predicted] });
  node.append(element("div", predicted === viewSet.labels[i] ? "fus-right" : "fus-wrong", text));
  if (uncertainty !== undefined) node.append(element("div", "fus-unsure", fill(texts.unsure, { share: (uncertainty / 255).toFixed(2) })));
}

/** A fixed card with two items, for the matrix. */
export async function pairCard(node, stream, [a, b], texts) {
  const { viewSet } = stream, index = await samples(viewSet.samples);
  node.replaceChildren();
  for (const [i, name] of [a, b]) {
    const item = node.appendChild(element("div", "fus-cardrow"));
    item.append(show(index, name, viewSet.index[i], texts), element("span", "fus-cardtitle", viewSet.classes[viewSet.labels[i]]));
  }
}
