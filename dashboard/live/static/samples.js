// How people are shown a sample: the index of what was written of it, and for each modality the renderer of its kind.

import { address } from "./place.js";
import { fetchRenderers, renderer } from "./renderers/table.js";
import { element } from "./view.js";

const FORMAT = 2; // of index.json: browsers keep what they got for ever, so another format has another address
const PATIENCE = 2000; // ms

/**
 * @typedef {import("./renderers/source.js").Source} Source
 * @typedef {import("./view.js").Texts} Texts
 * @typedef {{ hash: string, count: number, sources: Map<string, Source> }} Samples  sources by modality
 */

/** @type {Map<string, { requestedAt: number, loaded: boolean, load: Promise<Samples | null> }>} by content hash */
const known = new Map();

/**
 * The samples of a content hash, fetched once; null when there are none (yet: new data are drawn at the end of a run, so they are
 * requested again, but not at once).
 * @param {string} hash
 * @returns {Promise<Samples | null>}
 */
export function samples(hash) {
  const before = known.get(hash);
  if (before && (before.loaded || performance.now() - before.requestedAt < PATIENCE)) return before.load;
  const entry = { requestedAt: performance.now(), loaded: false, load: /** @type {Promise<Samples | null>} */ (Promise.resolve(null)) };
  entry.load = load(hash).then((one) => ((entry.loaded = Boolean(one)), one));
  known.set(hash, entry);
  return entry.load;
}

/** @param {string} hash @returns {Promise<Samples | null>} */
async function load(hash) {
  const answer = await fetch(address(`samples/${hash}/index.json?${FORMAT}`)).catch(() => null);
  /** @type {import("./messages.js").SampleIndex | null} */
  const index = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!index) return null;
  const { count, modalities } = index, entries = Object.entries(modalities);
  await fetchRenderers(entries.map(([, entry]) => entry.kind));
  return { hash, count, sources: new Map(entries.map(([name, entry]) => [name, { hash, name, count, entry, files: new Map() }])) };
}

/**
 * A node that shows modality `name` of sample `i` in a card; its name where nothing was written of it.
 * @param {Samples | null | undefined} all
 * @param {string} name
 * @param {number} i
 * @param {Texts} texts
 */
export function show(all, name, i, texts) {
  const source = all?.sources.get(name);
  return source ? renderer(source.entry.kind).card(source, i, texts) : element("span", "fus-none", texts[name] ?? name);
}

/** A node that shows modality `name` of sample `i` among others. @param {Source} source @param {number} i @param {Texts} texts */
export const thumbnail = (source, i, texts) => renderer(source.entry.kind).thumbnail(source, i, texts);

/**
 * Play modality `name` of sample `i`, if it takes time.
 * @param {Samples | null | undefined} all
 * @param {string} name
 * @param {number} i
 */
export async function play(all, name, i) {
  const source = all?.sources.get(name);
  if (source) await renderer(source.entry.kind).play?.(source, i);
}
