// A kind that this version cannot draw: its name, and that this is so.

import { element, fill } from "../view.js";

/** @typedef {import("./source.js").Source<{ kind: string }>} UnknownSource */

/** @param {UnknownSource} source @param {number} _i @param {import("../view.js").Texts} texts */
export function card({ name, entry }, _i, texts) {
  return element("span", "fus-none", fill(texts.unknown_kind, { name: texts[name] ?? name, kind: entry.kind }));
}

export const thumbnail = card;
