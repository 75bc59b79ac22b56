// What a renderer is given: one modality of some samples, and the files that its kind wrote (core/renderers/<kind>.py).

import { address } from "../place.js";

/**
 * One modality of `count` samples: its name, its entry of index.json, and the files that were fetched so far.
 * @template [E=import("../messages.js").SampleEntry]
 * @typedef {{ hash: string, name: string, count: number, entry: E, files: Map<string, Promise<ArrayBuffer>> }} Source
 */

/**
 * How a kind is drawn. Both drawings are new elements for sample `i`; a kind that stands still has no `play`.
 * @typedef {object} Renderer
 * @property {(source: Source<any>, i: number, texts: import("../view.js").Texts) => Element} thumbnail  among several samples
 * @property {(source: Source<any>, i: number, texts: import("../view.js").Texts) => Element} card  beside a point
 * @property {(source: Source<any>, i: number) => void | Promise<void>} [play]  what a click on the point starts
 */

/** The address of a file of these samples. @param {Source<unknown>} source @param {string} file */
export const fileAddress = (source, file) => address(`samples/${source.hash}/${file}`);

/**
 * A file's bytes, fetched once; again after a failure.
 * @param {Source<unknown>} source
 * @param {string} file
 * @returns {Promise<ArrayBuffer>}
 */
export function bytes(source, file) {
  let load = source.files.get(file);
  if (!load) {
    load = fetch(fileAddress(source, file)).then((answer) => {
      if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
      return answer.arrayBuffer();
    });
    load.catch(() => source.files.delete(file));
    source.files.set(file, load);
  }
  return load;
}
