// A few samples of the chosen data: pictures, sounds to play, traces.

import { samples, show } from "./samples.js";
import { component, element } from "./view.js";

const COUNT = 5;

export default component((root, /** @type {import("./view.js").View<import("./view.js").ViewData & { content: string }>} */ view) => {
  root.classList.add("fus-thumbs");
  /** @type {string | null} */
  let shown = null;
  const fill = async () => {
    const { content, texts } = view.data;
    const index = content ? await samples(content) : null;
    if (content !== view.data.content) return;
    if (content && !index) setTimeout(() => ((shown = null), view.changed("samples")), 500); // they exist; the last response is older
    root.replaceChildren();
    root.setAttribute("aria-label", texts.label);
    for (let i = 0; index && i < Math.min(COUNT, index.count); i += 1) {
      const item = root.appendChild(element("div", "fus-thumb"));
      for (const name of Object.keys(index.modalities)) item.append(show(index, name, i, texts));
    }
    root.dataset.samples = index ? String(Math.min(COUNT, index.count)) : "0";
  };
  return {
    draw: () => {
      if (view.data.content === shown) return;
      shown = view.data.content;
      fill();
    },
  };
});
