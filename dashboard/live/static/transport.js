// Play, pause, step, slow, rewind, scrub: the viewer's place in the pictures. Training goes on as it likes.

import { component, element, fill, still } from "./view.js";

const PACE = 450; // ms a picture; slow is a third of that speed
const ICONS = {
  play: "M7 5v14l12-7z", pause: "M7 5h4v14H7zM13 5h4v14h-4z", step: "M6 5v14l8-7zM16 5h3v14h-3z", rewind: "M18 5v14l-8-7zM5 5h3v14H5z",
  slow: "M4 12a8 8 0 1 1 8 8v-2a6 6 0 1 0-6-6zM11 7h2v5l4 2-1 2-5-3z", live: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
};

const NONE = { run: "", steps: [], position: null, status: {}, frame: () => null };

export default component((root, view) => {
  const { texts, loop = false } = view.data;
  root.classList.add("fus-transport");
  const state = { playing: Boolean(view.data.autoplay) && !still(), slow: false, at: 0, again: view.data.again };
  const buttons = {};
  for (const name of ["rewind", "play", "step", "slow", "live"]) buttons[name] = icon(root, name, texts[name]);
  const slider = root.appendChild(element("input", "fus-scrub", "", { type: "range", min: "0", step: "1", "aria-label": texts.scrub }));
  const label = root.appendChild(element("output", "fus-epoch"));
  const go = (k) => {
    const { steps } = view.stream ?? { steps: [] };
    if (steps.length) view.stream.seek(steps[Math.max(0, Math.min(steps.length - 1, k))]);
  };
  const at = () => {
    const { steps, position } = view.stream ?? { steps: [], position: null };
    return position === null ? steps.length - 1 : Math.max(0, steps.indexOf(position));
  };
  const act = {
    rewind: () => go(0),
    play: () => {
      state.playing = !state.playing;
      if (state.playing && at() >= (view.stream?.steps.length ?? 0) - 1) go(0);
    },
    step: () => ((state.playing = false), go(at() + 1)),
    slow: () => (state.slow = !state.slow),
    live: () => ((state.playing = false), view.stream?.seek(null)),
  };
  for (const [name, button] of Object.entries(buttons)) button.onclick = () => (act[name](), view.changed("press"));
  slider.oninput = () => ((state.playing = false), go(Number(slider.value)));
  root.onkeydown = (event) => keys(event, act, () => ((state.playing = false), go(at() - 1)), view);
  const timer = setInterval(() => tick(view, state, loop, at, go), 60);
  view.cleanups.push(() => clearInterval(timer));
  const heard = () => {
    if (view.data.again === state.again) return;
    state.again = view.data.again; // a person asked to see it once more
    state.playing = true;
    go(0);
  };
  return { heard, draw: () => refresh(view, state, { buttons, slider, label, at, texts, fetched: () => preload(view, state) }) };
});

function icon(root, name, title) {
  const button = root.appendChild(element("button", "fus-button", "", { type: "button", title, "aria-label": title }));
  button.dataset.act = name;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  button.append(svg);
  return button;
}

function keys(event, act, back, view) {
  const moves = { " ": act.play, ArrowRight: act.step, ArrowLeft: back, Home: act.rewind, End: act.live };
  if (!moves[event.key] || (event.key === " " && event.target.tagName === "BUTTON")) return;
  event.preventDefault();
  moves[event.key]();
  view.changed("key");
}

function tick(view, state, loop, at, go) {
  const { stream } = view, now = performance.now();
  if (!state.playing || !stream || stream.steps.length < 2 || now - state.at < PACE * (state.slow ? 3 : 1)) return;
  state.at = now;
  const k = at() + 1;
  if (k < stream.steps.length) return go(k);
  if (loop) {
    if (now - (state.ended ??= now) > 1800) (state.ended = undefined), go(0); // rest on the end before it begins again
  } else if (stream.status.status !== "running") {
    state.playing = false;
    view.changed("ended");
  }
}

function preload(view, state) {
  if (state.loaded || !state.playing || !view.stream || view.stream.steps.length < 2) return;
  state.loaded = true;
  view.stream.preload();
}

function refresh(view, state, { buttons, slider, label, at, texts, fetched }) {
  const stream = view.stream ?? NONE, { steps } = stream;
  fetched();
  slider.max = String(Math.max(0, steps.length - 1));
  slider.value = String(at());
  slider.disabled = steps.length < 2;
  const mode = state.playing ? "pause" : "play";
  buttons.play.querySelector("path").setAttribute("d", ICONS[mode]);
  buttons.play.setAttribute("aria-label", texts[mode]);
  buttons.play.title = texts[mode];
  buttons.slow.setAttribute("aria-pressed", String(state.slow));
  buttons.live.setAttribute("aria-pressed", String(stream.position === null));
  buttons.live.hidden = stream.status.status !== "running";
  const header = stream.frame()?.header, epochs = stream.status.budget ? "" : stream.status.epochs ?? header?.epochs ?? "";
  label.textContent = header ? fill(texts.epoch, { epoch: Math.round(header.epoch * 10) / 10, epochs }) : "";
  slider.setAttribute("aria-valuetext", label.textContent);
  Object.assign(view.root.dataset, { run: stream.run, step: header?.step ?? "", frames: steps.length, playing: state.playing });
}
