// A sound: a button that plays it, from the mu-law bytes that core/renderers/sound.py wrote.

import { element } from "../view.js";
import { bytes } from "./source.js";

/** @typedef {import("./source.js").Source<import("../messages.js").SoundEntry>} SoundSource */

/** @type {AudioContext | undefined} */
let audio;

/** @param {SoundSource} source @param {number} i @param {import("../view.js").Texts} texts */
export function card(source, i, texts) {
  const button = element("button", "fus-sound", texts.play ?? "▶", { type: "button" });
  button.onclick = (event) => {
    event.stopPropagation();
    play(source, i);
  };
  return button;
}

export const thumbnail = card;

/** Needs a person's click before, as browsers demand. @param {SoundSource} source @param {number} i */
export async function play(source, i) {
  const { offsets, rate, file = "sound.bin" } = source.entry; // runs of 0.1 have one file for all sounds
  audio ??= new AudioContext();
  await audio.resume();
  const start = offsets[i] ?? 0, part = new Uint8Array(await bytes(source, file), start, (offsets[i + 1] ?? start) - start);
  const buffer = audio.createBuffer(1, Math.max(1, part.length), rate);
  buffer.copyToChannel(Float32Array.from(part, mulaw), 0);
  const player = audio.createBufferSource();
  player.buffer = buffer;
  player.connect(audio.destination);
  player.start();
}

/** G.711 mu-law, one byte to -1..1. @param {number} byte */
export function mulaw(byte) {
  const bits = ~byte & 255, exponent = (bits >> 4) & 7, size = (((bits & 15) << 3) + 132) << exponent;
  return ((bits & 128 ? -1 : 1) * (size - 132)) / 32768;
}
