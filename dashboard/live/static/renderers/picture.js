// A picture: a tile of the sheet that core/renderers/picture.py wrote.

import { fileAddress } from "./source.js";
import { tile, turn } from "./tile.js";

const THUMBNAIL = 56, CARD = 160; // px a side at most

/** @typedef {import("./source.js").Source<import("../messages.js").PictureEntry>} PictureSource */

/** @param {PictureSource} source @param {number} i */
export const thumbnail = (source, i) => picture(source, i, THUMBNAIL);

/** @param {PictureSource} source @param {number} i */
export const card = (source, i) => picture(source, i, CARD);

/** @param {PictureSource} source @param {number} i @param {number} largest */
function picture(source, i, largest) {
  const { sprite, columns, file = "sprites.png" } = source.entry; // runs of 0.1 name no file for their first one
  const { node, scale } = tile("fus-picture", source.name, sprite, largest);
  const place = /** @type {[number, number]} */ ([i % columns, Math.floor(i / columns)]);
  turn(node, fileAddress(source, file), sprite, [columns, Math.ceil(source.count / columns)], place, scale);
  return node;
}
