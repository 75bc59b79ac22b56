// Save what a view shows: a canvas as PNG, a drawing as SVG. The file is made in the browser; nothing is sent.

import { iconButton } from "./icons.js";
import { element } from "./view.js";

const PARTS = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family", "font-weight"];

/** A small button in the corner of `root` that saves `find()`, a canvas or an svg, as `name`. */
export function save(root, find, name, texts) {
  const button = iconButton(root, "save", texts.save, "fus-save");
  button.onclick = () => {
    const node = find();
    if (node instanceof SVGElement) keep(new Blob([drawing(node)], { type: "image/svg+xml" }), `${name}.svg`);
    else picture(node).toBlob((blob) => keep(blob, `${name}.png`));
  };
  return button;
}

function keep(blob, name) {
  const link = element("a", "", "", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The canvas on the page's own background: a transparent picture is unreadable on a dark slide. */
function picture(canvas) {
  const sheet = document.createElement("canvas");
  Object.assign(sheet, { width: canvas.width, height: canvas.height });
  const context = sheet.getContext("2d");
  context.fillStyle = getComputedStyle(canvas).getPropertyValue("--st-background-color").trim() || "#ffffff";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.drawImage(canvas, 0, 0);
  return sheet;
}

/** The svg as a file of its own: what the page's style sheets say is written into each element. */
function drawing(svg) {
  const copy = svg.cloneNode(true), from = svg.querySelectorAll("*"), to = copy.querySelectorAll("*");
  from.forEach((node, i) => {
    const style = getComputedStyle(node);
    for (const part of PARTS) to[i].style.setProperty(part, style.getPropertyValue(part));
  });
  const { width, height } = svg.viewBox.baseVal, ground = document.createElementNS(svg.namespaceURI, "rect");
  for (const [name, value] of Object.entries({ width, height, fill: getComputedStyle(svg).getPropertyValue("--st-background-color").trim() || "#ffffff" })) ground.setAttribute(name, value);
  copy.prepend(ground);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.setAttribute("xmlns", svg.namespaceURI);
  return new XMLSerializer().serializeToString(copy);
}
