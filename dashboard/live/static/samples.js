// How people are shown a sample: pictures from a sprite sheet, sounds from mu-law bytes, texts, traces.

import { address } from "./place.js";
import { element } from "./view.js";

/**
 * @typedef {import("./messages.js").SampleIndex} SampleIndex
 * @typedef {import("./view.js").Texts} Texts
 */

/** @type {Map<string, { requestedAt: number, loaded: boolean, load: Promise<SampleIndex | null> }>} by content hash */
const indexes = new Map();
const PATIENCE = 2000; // ms
/** @type {AudioContext | undefined} */
let audio;

/**
 * The index of a content hash, fetched once; null when there is none (yet: new data are drawn at the end of a run, so it is requested again, but not at once).
 * @param {string} hash
 * @returns {Promise<SampleIndex | null>}
 */
export function samples(hash) {
  const known = indexes.get(hash);
  if (known && (known.loaded || performance.now() - known.requestedAt < PATIENCE)) return known.load;
  const entry = { requestedAt: performance.now(), loaded: false, load: /** @type {Promise<SampleIndex | null>} */ (Promise.resolve(null)) };
  const answer = fetch(address(`samples/${hash}/index.json`)).then((a) => (a.ok ? a.json() : null)).catch(() => null);
  entry.load = answer.then((index) => ((entry.loaded = Boolean(index)), index && { hash, ...index }));
  indexes.set(hash, entry);
  return entry.load;
}

/**
 * A node that shows modality `name` of sample `i`; a sound is a button that plays it.
 * @param {SampleIndex | null | undefined} index
 * @param {string} name
 * @param {number} i
 * @param {Texts | undefined} texts
 * @returns {Element}
 */
export function show(index, name, i, texts) {
  const entry = index?.modalities[name];
  if (!entry) return element("span", "fus-none", name);
  if (entry.kind === "picture") return picture(index, name, entry, i);
  if (entry.kind === "sound") return sound(index, entry, i, texts);
  if (entry.kind === "text") return element("span", "fus-quote", entry.texts[i]);
  return trace(entry.values[i]);
}

/** @param {SampleIndex} index @param {string} name @param {import("./messages.js").PictureEntry} entry @param {number} i */
function picture(index, name, entry, i) {
  const [w, h] = entry.sprite, node = element("span", "fus-picture", "", { role: "img", "aria-label": name });
  const x = (i % entry.columns) * w, y = Math.floor(i / entry.columns) * h;
  const file = entry.file ?? "sprites.png";
  node.style.cssText = `width:${w}px;height:${h}px;background:url("${address(`samples/${index.hash}/${file}`)}") -${x}px -${y}px`;
  return node;
}

/** @param {SampleIndex} index @param {import("./messages.js").SoundEntry} entry @param {number} i @param {Texts | undefined} texts */
function sound(index, entry, i, texts) {
  const button = element("button", "fus-sound", texts?.play ?? "▶", { type: "button" });
  button.onclick = (event) => {
    event.stopPropagation();
    play(index, "", i, entry);
  };
  return button;
}

/**
 * Play a sound of sample `i`, if the modality has one. Needs a person's click before, as browsers demand.
 * @param {SampleIndex | null | undefined} index
 * @param {string} name
 * @param {number} i
 */
export async function play(index, name, i, entry = index?.modalities[name]) {
  if (!index || entry?.kind !== "sound") return;
  audio ??= new AudioContext();
  await audio.resume();
  const bytes = await (index.sound ??= fetch(address(`samples/${index.hash}/sound.bin`)).then((a) => a.arrayBuffer()));
  const part = new Uint8Array(bytes, entry.offsets[i], entry.offsets[i + 1] - entry.offsets[i]);
  const buffer = audio.createBuffer(1, Math.max(1, part.length), entry.rate);
  buffer.copyToChannel(Float32Array.from(part, mulaw), 0);
  const source = audio.createBufferSource();
  source.buffer = buffer;
  source.connect(audio.destination);
  source.start();
}

/**
 * G.711 mu-law, one byte to -1..1.
 * @param {number} byte
 */
function mulaw(byte) {
  const bits = ~byte & 255, exponent = (bits >> 4) & 7, size = (((bits & 15) << 3) + 132) << exponent;
  return ((bits & 128 ? -1 : 1) * (size - 132)) / 32768;
}

/** @param {number[]} values */
function trace(values) {
  const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg"), line = document.createElementNS(ns, "polyline");
  const low = Math.min(...values, 0), high = Math.max(...values, 0), span = high - low || 1;
  const points = values.map((v, k) => `${(k / Math.max(1, values.length - 1)) * 96 + 2},${34 - ((v - low) / span) * 32}`);
  svg.setAttribute("class", "fus-trace");
  svg.setAttribute("viewBox", "0 0 100 36");
  line.setAttribute("points", points.join(" "));
  svg.append(line);
  return svg;
}
