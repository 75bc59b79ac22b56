// A text, as it is; the style sheet cuts a long one off.

import { element } from "../view.js";

/** @param {import("./source.js").Source<import("../messages.js").TextEntry>} source @param {number} i */
export const card = (source, i) => element("span", "fus-quote", source.entry.texts[i] ?? "");

export const thumbnail = card;
