// Play, pause, step, slow, rewind, scrub: the position of the viewer in the pictures. Training goes on as it likes.
// Linked runs go together: the first one leads, the others go to the same epoch, and what is selected in one is in all.

import { iconButton, setIcon } from "./icons.js";
import { component, element, fill, reducedMotion } from "./view.js";

const PACE = 450; // ms per picture; slow is a third of that speed

/** @type {Pick<RunStream, "run" | "steps" | "position" | "status" | "frame">} */
const NONE = { run: "", steps: [], position: null, status: {}, frame: () => null };

/**
 * @typedef {import("./run_stream.js").RunStream} RunStream
 * @typedef {import("./view.js").View<import("./view.js").ViewData & { autoplay?: boolean, loop?: boolean, again?: number, linked?: boolean }>} View
 * @typedef {"rewind" | "play" | "step" | "slow" | "live"} Action
 * @typedef {Record<Action, () => void>} Actions
 * @typedef {Record<Action, HTMLButtonElement>} Buttons
 *
 * `at`: when the picture on the screen came, `ended`: when the last one did (ms). `again`: how often it was wanted once more.
 * @typedef {{ playing: boolean, slow: boolean, at: number, ended?: number | undefined, again: number | undefined, loaded?: boolean }} State
 * @typedef {{ buttons: Buttons, slider: HTMLInputElement, label: HTMLElement, at: () => number, texts: import("./view.js").Texts, fetched: () => void }} Parts
 */

/** @type {Action[]} */
const ACTIONS = ["rewind", "play", "step", "slow", "live"];

export default component((root, /** @type {View} */ view) => {
  const { texts, loop = false, linked = false } = view.data;
  const moved = linked ? view.streams : view.streams.slice(0, 1);
  root.classList.add("fus-transport");
  /** @type {State} */
  const state = { playing: Boolean(view.data.autoplay) && !reducedMotion(), slow: false, at: 0, again: view.data.again };
  const buttons = /** @type {Buttons} */ (Object.fromEntries(ACTIONS.map((name) => [name, iconButton(root, name, texts[name])])));
  const slider = root.appendChild(element("input", "fus-scrub", "", { type: "range", min: "0", step: "1", "aria-label": texts.scrub }));
  const label = root.appendChild(element("output", "fus-epoch"));
  const go = (/** @type {number} */ k) => {
    const { steps } = view.stream ?? NONE;
    if (steps.length) seek(moved, steps[Math.max(0, Math.min(steps.length - 1, k))]);
  };
  const at = () => {
    const { steps, position } = view.stream ?? NONE;
    return position === null ? steps.length - 1 : Math.max(0, steps.indexOf(position));
  };
  /** @type {Actions} */
  const act = {
    rewind: () => go(0),
    play: () => {
      state.playing = !state.playing;
      state.at = performance.now(); // the picture on the screen has its time, too
      if (state.playing && at() >= (view.stream?.steps.length ?? 0) - 1) go(0);
    },
    step: () => ((state.playing = false), go(at() + 1)),
    slow: () => void (state.slow = !state.slow),
    live: () => ((state.playing = false), seek(moved, null)),
  };
  for (const name of ACTIONS) buttons[name].onclick = () => (act[name](), view.changed("press"));
  slider.oninput = () => ((state.playing = false), go(Number(slider.value)));
  root.onkeydown = (event) => keys(event, act, () => ((state.playing = false), go(at() - 1)), view);
  if (linked) for (const stream of view.streams) stream.peers = view.streams;
  const timer = setInterval(() => tick(view, state, loop, at, go), 60);
  view.cleanups.push(() => clearInterval(timer));
  const onChange = () => {
    if (view.data.again === state.again) return;
    state.again = view.data.again; // a person wants to see it once more
    Object.assign(state, { playing: true, at: performance.now() });
    go(0);
  };
  return { onChange, draw: () => refresh(view, state, { buttons, slider, label, at, texts, fetched: () => preload(view, state) }) };
});

/**
 * Move all viewers to a step of the first run, each to its own nearest picture.
 * @param {RunStream[]} streams
 * @param {number | null} step
 */
function seek(streams, step) {
  for (const stream of streams) {
    if (step === null) stream.seek(null);
    else if (stream.steps.length) stream.seek(stream.steps.reduce((a, b) => (Math.abs(b - step) < Math.abs(a - step) ? b : a)));
  }
}

/** @param {KeyboardEvent} event @param {Actions} act @param {() => void} back @param {View} view */
function keys(event, act, back, view) {
  /** @type {Record<string, () => void>} */
  const moves = { " ": act.play, ArrowRight: act.step, ArrowLeft: back, Home: act.rewind, End: act.live };
  if (!moves[event.key] || (event.key === " " && event.target instanceof HTMLButtonElement)) return;
  event.preventDefault();
  moves[event.key]();
  view.changed("key");
}

/** @param {View} view @param {State} state @param {boolean} loop @param {() => number} at @param {(k: number) => void} go */
function tick(view, state, loop, at, go) {
  const { stream } = view, now = performance.now();
  if (!state.playing || !stream || stream.steps.length < 2 || now - state.at < PACE * (state.slow ? 3 : 1)) return;
  state.at = now;
  const k = at() + 1;
  if (k < stream.steps.length) return go(k);
  if (loop) {
    state.ended ??= now;
    if (now - state.ended <= 1800) return; // rest on the end before it begins again
    state.ended = undefined;
    go(0);
  } else if (stream.status.status !== "running") {
    state.playing = false;
    view.changed("ended");
  }
}

/** @param {View} view @param {State} state */
function preload(view, state) {
  if (state.loaded || !state.playing || !view.stream || view.stream.steps.length < 2) return;
  state.loaded = true;
  for (const stream of view.data.linked ? view.streams : [view.stream]) stream.preload();
}

/** @param {View} view @param {State} state @param {Parts} parts */
function refresh(view, state, { buttons, slider, label, at, texts, fetched }) {
  const stream = view.stream ?? NONE, { steps } = stream;
  fetched();
  slider.max = String(Math.max(0, steps.length - 1));
  slider.value = String(at());
  slider.disabled = steps.length < 2;
  const mode = state.playing ? "pause" : "play";
  setIcon(buttons.play, mode);
  buttons.play.setAttribute("aria-label", texts[mode]);
  buttons.play.title = texts[mode];
  buttons.slow.setAttribute("aria-pressed", String(state.slow));
  buttons.live.setAttribute("aria-pressed", String(stream.position === null));
  buttons.live.hidden = stream.status.status !== "running";
  const header = stream.frame()?.header, epochs = stream.status.budget ? "" : stream.status.epochs ?? header?.epochs ?? "";
  label.textContent = header ? fill(texts.epoch, { epoch: Math.round(header.epoch * 10) / 10, epochs }) : "";
  slider.setAttribute("aria-valuetext", label.textContent);
  Object.assign(view.root.dataset, { run: stream.run, step: String(header?.step ?? ""), frames: String(steps.length), playing: String(state.playing) });
}
