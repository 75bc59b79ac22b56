// Save what a view shows: a canvas as PNG, a drawing as SVG. The file is made in the browser; nothing is sent.

import { iconButton } from "./icons.js";
import { context2d, element } from "./view.js";

const NS = "http://www.w3.org/2000/svg";
const PARTS = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family", "font-weight"];

/**
 * A small button in the corner of `root` that saves `find()`, a canvas or an svg, as `name`.
 * @param {HTMLElement} root
 * @param {() => HTMLCanvasElement | SVGSVGElement} find
 * @param {string} name
 * @param {import("./view.js").Texts} texts
 */
export function save(root, find, name, texts) {
  const button = iconButton(root, "save", texts.save, "fus-save");
  button.onclick = () => {
    const node = find();
    if (node instanceof SVGSVGElement) keep(new Blob([drawing(node)], { type: "image/svg+xml" }), fileName(name, "svg"));
    else picture(node).toBlob((blob) => blob && keep(blob, fileName(name, "png")));
  };
  return button;
}

/**
 * A name that every system takes for one file.
 * @param {string} name
 * @param {string} extension
 */
export const fileName = (name, extension) => `${name.replace(/[/\\:]/g, "-").replace(/-$/, "")}.${extension}`;

/** @param {Blob} blob @param {string} name */
function keep(blob, name) {
  const link = element("a", "", "", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * The canvas on the page's own background: a transparent picture is unreadable on a dark slide.
 * @param {HTMLCanvasElement} canvas
 */
function picture(canvas) {
  const sheet = document.createElement("canvas");
  Object.assign(sheet, { width: canvas.width, height: canvas.height });
  const context = context2d(sheet);
  context.fillStyle = getComputedStyle(canvas).getPropertyValue("--st-background-color").trim() || "#ffffff";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.drawImage(canvas, 0, 0);
  return sheet;
}

/**
 * The svg as a file of its own: what the page's style sheets say is written into each element.
 * @param {SVGSVGElement} svg
 */
function drawing(svg) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true)), from = svg.querySelectorAll("*");
  /** @type {NodeListOf<SVGElement>} */
  const to = copy.querySelectorAll("*");
  from.forEach((node, i) => {
    const style = getComputedStyle(node);
    for (const part of PARTS) to[i].style.setProperty(part, style.getPropertyValue(part));
  });
  const { width, height } = svg.viewBox.baseVal, ground = document.createElementNS(NS, "rect");
  for (const [name, value] of Object.entries({ width: String(width), height: String(height), fill: getComputedStyle(svg).getPropertyValue("--st-background-color").trim() || "#ffffff" })) ground.setAttribute(name, value);
  copy.prepend(ground);
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  copy.setAttribute("xmlns", NS);
  return new XMLSerializer().serializeToString(copy);
}
