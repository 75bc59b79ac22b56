// A tile of a sheet as an element: a sheet is one file, however many samples it shows.

import { element } from "../view.js";

/**
 * @param {string} classes
 * @param {string} name  for screen readers
 * @param {[number, number]} size  of a tile of the sheet
 * @param {number} largest  px a side that the element may have; larger tiles are shrunk
 */
export function tile(classes, name, [width, height], largest) {
  const scale = Math.min(1, largest / Math.max(width, height));
  const node = element("span", classes, "", { role: "img", "aria-label": name });
  Object.assign(node.style, { width: `${width * scale}px`, height: `${height * scale}px` });
  if (scale < 1) node.style.imageRendering = "auto";
  return { node, scale };
}

/**
 * Show a tile in the element.
 * @param {HTMLElement} node
 * @param {string} address  of the sheet
 * @param {[number, number]} size  of a tile
 * @param {[number, number]} tiles  of the sheet, across and down
 * @param {[number, number]} place  of the tile, from 0
 * @param {number} scale
 */
export function turn(node, address, [width, height], [across, down], [column, row], scale) {
  const [w, h] = [width * scale, height * scale];
  node.style.background = `url("${address}") ${-column * w}px ${-row * h}px / ${across * w}px ${down * h}px`;
}
