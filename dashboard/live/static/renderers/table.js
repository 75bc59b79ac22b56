// The kinds of modality that can be drawn: one line each, a module of the same name beside it, fetched when samples have it.

import * as unknown from "./unknown.js";

/** @typedef {import("./source.js").Renderer} Renderer */

export const RENDERERS = new Map(/** @type {[kind: string, fetch: () => Promise<Renderer>][]} */ ([
  ["picture", () => import("./picture.js")],
  ["sound", () => import("./sound.js")],
  ["text", () => import("./text.js")],
  ["series", () => import("./series.js")],
  ["clip", () => import("./clip.js")],
  ["vector", () => import("./vector.js")],
  ["trace", () => import("./vector.js")], // what runs of 0.1 call a vector
]));

/** @type {Map<string, Renderer>} */
const fetched = new Map();

/** Fetch the modules of these kinds. @param {string[]} kinds */
export async function fetchRenderers(kinds) {
  const load = async (/** @type {string} */ kind) => {
    const renderer = await RENDERERS.get(kind)?.();
    if (renderer) fetched.set(kind, renderer);
  };
  await Promise.all([...new Set(kinds)].map(load));
}

/** The renderer of a fetched kind; one that says so where there is none. @param {string} kind @returns {Renderer} */
export const renderer = (kind) => fetched.get(kind) ?? unknown;
