// What shapes and colours stand for.

import { colour, shape } from "./palette.js";
import { element } from "./view.js";

export function legend(root) {
  const node = root.appendChild(element("div", "fus-legend"));
  let drawn = "";
  return {
    draw(probe, dark, texts) {
      const name = probe ? JSON.stringify([probe.modalities, probe.classes, dark, texts]) : "";
      if (name === drawn) return;
      drawn = name;
      node.replaceChildren();
      probe?.modalities.forEach(({ name: sense }, m) => node.append(entry(texts[sense] ?? sense, (c) => {
        shape(c, m, 6, 6, 4);
        c.strokeStyle = dark ? "#c9ced6" : "#4d4d4d";
        c.stroke();
      })));
      probe?.classes.forEach((text, label) => node.append(entry(text, (c) => {
        shape(c, 0, 6, 6, 4);
        c.fillStyle = colour(label, dark);
        c.fill();
      })));
    },
  };
}

function entry(text, draw) {
  const item = element("span", "fus-key"), mark = item.appendChild(document.createElement("canvas"));
  mark.width = mark.height = 24;
  mark.style.cssText = "width:12px;height:12px";
  const context = mark.getContext("2d");
  context.scale(2, 2);
  draw(context);
  item.append(text);
  return item;
}
