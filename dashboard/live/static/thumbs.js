// A few samples of the chosen data, each modality as its kind is drawn.

import { samples, thumbnail } from "./samples.js";
import { component, element } from "./view.js";

const COUNT = 5;

export default component((root, /** @type {import("./view.js").View<import("./view.js").ViewData & { content: string }>} */ view) => {
  root.classList.add("fus-thumbs");
  /** @type {string | null} */
  let shown = null;
  const fill = async () => {
    const { content, texts } = view.data;
    const all = content ? await samples(content) : null;
    if (content !== view.data.content) return;
    if (content && !all) setTimeout(() => ((shown = null), view.changed("samples")), 500); // they exist; the last response is older
    root.replaceChildren();
    root.setAttribute("aria-label", texts.label);
    for (let i = 0; all && i < Math.min(COUNT, all.count); i += 1) {
      const item = root.appendChild(element("div", "fus-thumb"));
      for (const source of all.sources.values()) item.append(thumbnail(source, i, texts));
    }
    root.dataset.samples = all ? String(Math.min(COUNT, all.count)) : "0";
  };
  return {
    draw: () => {
      if (view.data.content === shown) return;
      shown = view.data.content;
      fill();
    },
  };
});
