// The live map: a point per sample and modality, a line between what belongs together.

import { camera } from "./camera.js";
import { card } from "./card.js";
import { legend } from "./legend.js";
import { links, marks, points } from "./map_layers.js";
import { play, samples } from "./samples.js";
import { save } from "./save.js";
import { targetOf } from "./targets/table.js";
import { canvas, component, element, fill, reducedMotion, setHeight, setText, theme } from "./view.js";

/**
 * @typedef {import("./messages.js").Frame} Frame
 * @typedef {import("./run_stream.js").RunStream} RunStream
 * @typedef {import("./view.js").Texts} Texts
 * @typedef {import("./view.js").View<import("./view.js").ViewData & { title: string }>} View
 * @typedef {ReturnType<typeof camera>} Lens
 * @typedef {{ context: CanvasRenderingContext2D, width: number, height: number }} Surface
 * @typedef {"umap" | "pca"} Layout
 *
 * A point under the pointer: sample, modality, place in CSS pixels.
 * @typedef {{ i: number, m: number, x: number, y: number }} Hit
 *
 * `from` and `to`: points (x, y) between -1 and 1 that the picture moves between, since `began` (ms), of which the share `t` has
 * passed. `screen`: where they are drawn. `layout` is the one that is shown, `want` the one that is wanted.
 * @typedef {object} MapState
 * @property {Layout} want
 * @property {Layout} [layout]
 * @property {Layout} [drawn]
 * @property {Float32Array | null} from
 * @property {Float32Array | null} to
 * @property {Float32Array} [screen]
 * @property {number} began
 * @property {number} t
 * @property {Frame | null} frame
 * @property {Hit | null} hover
 * @property {import("./samples.js").Samples | null} samples
 * @property {string} [hash]
 */

/** @type {Layout[]} */
const LAYOUTS = ["umap", "pca"];
const NOWHERE = -32768; // a point whose embedding is not finite
const TWEEN = 320; // ms between two pictures: long enough to follow a point, shorter than an epoch

export default component((root, /** @type {View} */ view) => {
  const { texts } = view.data;
  root.classList.add("fus-map");
  setHeight(root, view.data.height);
  const surface = canvas(root, texts.label ?? "");
  const head = root.appendChild(element("div", "fus-maphead"));
  const choice = head.appendChild(element("span", "fus-choice", "", { role: "radiogroup", "aria-label": texts.layout ?? "" }));
  const note = head.appendChild(element("span", "fus-note", "", { "aria-live": "polite" }));
  if (view.data.title) head.prepend(element("strong", "", view.data.title));
  const key = legend(root, () => view.changed("column")), info = card(root);
  save(root, () => surface.node, `map-${view.data.runs[0] ?? ""}`, texts);
  /** @type {MapState} */
  const state = { want: "umap", from: null, to: null, began: 0, t: 1, frame: null, hover: null, samples: null };
  const lens = camera(surface.node, () => view.changed("camera"));
  const buttons = LAYOUTS.map((name) => layoutButton(choice, name, state, view));
  surface.node.addEventListener("pointermove", (event) => hover(event, surface.node, state, view));
  surface.node.addEventListener("pointerleave", () => ((state.hover = null), view.changed("hover")));
  surface.node.addEventListener("click", () => pick(state, view));
  return {
    draw: () => {
      const stream = view.stream;
      if (stream?.viewSet && state.hash !== stream.viewSet.samples) {
        state.hash = stream.viewSet.samples;
        samples(state.hash).then((all) => ((state.samples = all), view.changed("samples")));
      }
      const frame = stream?.frame();
      if (frame && (frame !== state.frame || state.want !== state.drawn)) advance(state, frame);
      for (const button of buttons) button.ariaChecked = String(button.value === (state.layout ?? state.want));
      const broken = projectionSentence(stream?.projectionProblem, texts);
      setText(note, frame && placed(state) ? captions(state, frame, texts, Boolean(view.data.title), broken).join(" · ") : broken || emptyText(stream, texts));
      if (!view.data.title) key.draw(stream?.viewSet, targetOf(view), theme(root).dark, view.data.texts);
      paint(surface.fit(), state, view, lens);
      info.draw(state.hover, state, stream, view);
      view.describe("map", { step: state.frame?.header.step, points: state.to ? state.to.length / 2 : 0 });
      if (state.t < 1) view.changed("tween");
    },
  };
});

/** @param {HTMLElement} parent @param {Layout} name @param {MapState} state @param {View} view */
function layoutButton(parent, name, state, view) {
  const label = view.data.texts[name] ?? name.toUpperCase();
  const button = parent.appendChild(element("button", "fus-tab", label, { type: "button", role: "radio" }));
  button.value = name;
  button.onclick = () => ((state.want = name), view.changed("layout"));
  return button;
}

/**
 * Whether there is a picture.
 * @param {MapState} state
 * @returns {state is MapState & { to: Float32Array }}
 */
const placed = (state) => state.to !== null;

/**
 * A new picture: what is on the screen now is where the points start from.
 * @param {MapState} state
 * @param {Frame} frame
 */
function advance(state, frame) {
  const layout = frame.blocks[`xy/${state.want}`] ? state.want : "pca";
  const next = Float32Array.from(frame.blocks[`xy/${layout}`].data, (v) => (v === NOWHERE ? NaN : v / 32767));
  const jump = !state.to || state.to.length !== next.length || reducedMotion();
  state.from = jump || !placed(state) ? next : current(state);
  Object.assign(state, { to: next, frame, layout, drawn: state.want, began: performance.now(), t: jump ? 1 : 0 });
}

/** @param {MapState & { to: Float32Array }} state */
function current(state) {
  const s = progress(state), { from, to } = state;
  if (s >= 1 || !from) return to;
  return to.map((value, i) => (Number.isNaN(from[i]) ? value : from[i] + (value - from[i]) * s));
}

/** @param {MapState} state */
function progress(state) {
  const t = Math.min(1, (performance.now() - state.began) / TWEEN);
  state.t = state.t >= 1 ? 1 : t;
  return state.t >= 1 ? 1 : state.t * state.t * (3 - 2 * state.t);
}

/**
 * What is known of the picture on the screen, problems first.
 * @param {MapState & { to: Float32Array }} state
 * @param {Frame} frame
 * @param {Texts} texts
 * @param {boolean} brief
 * @param {string} broken
 */
function captions(state, frame, texts, brief, broken) {
  const { maps, separability, not_finite: lost, no_umap: reason = "warming" } = frame.header, map = maps[state.layout ?? "pca"] ?? maps.pca;
  const { trustworthiness: trust, continuity } = map, rated = Number.isFinite(trust) && Number.isFinite(continuity);
  const parts = [rated ? fill(texts.trust, { trust: trust?.toFixed(2), continuity: continuity?.toFixed(2) }) : texts.untold];
  if (rated && map.neighbours) parts.push(fill(texts.neighbours, { count: map.neighbours }));
  if (typeof separability === "number" && !brief) parts.push(fill(texts.separable, { value: Math.round(100 * separability) }));
  if (map.relayout) parts.push(texts.relayout);
  if (state.want !== state.layout && !(broken && reason === "warming")) parts.push(texts[reason] ?? texts.warming);
  if (lost) parts.unshift(fill(texts.not_finite, { count: lost, all: state.to.length / 2 }));
  return broken ? [broken, ...parts] : parts;
}

/** @param {RunStream | undefined} stream @param {Texts} texts */
function emptyText(stream, texts) {
  return stream?.gone ? texts.gone : texts.empty;
}

/**
 * Why no more pictures come, as far as the server knows.
 * @param {import("./messages.js").Problem | null | undefined} problem
 * @param {Texts} texts
 */
function projectionSentence(problem, texts) {
  if (!problem) return "";
  return fill(texts[`broken.${problem.error}`] ?? texts["broken.no_picture"], { reason: problem.message, ...problem.values });
}

/** @param {Surface} surface @param {MapState} state @param {View} view @param {Lens} lens */
function paint({ context, width, height }, state, view, lens) {
  const style = theme(view.root);
  context.clearRect(0, 0, width, height);
  const { stream } = view, target = targetOf(view);
  if (!placed(state) || !state.frame || !stream?.viewSet || !target) return;
  const xy = current(state), { labels, modalities } = stream.viewSet, n = labels.length;
  const place = lens.place(width, height);
  const screen = (state.screen = new Float32Array(xy.length));
  for (let i = 0; i < xy.length; i += 2) [screen[i], screen[i + 1]] = place(xy[i], xy[i + 1]);
  links(context, screen, state.frame.blocks.link, n, style);
  const halo = state.frame.blocks.halo?.data;
  const r = Math.max(2.2, Math.min(4.2, Math.sqrt((width * height) / (n * 95)))) * lens.dot();
  for (let m = 0; m < modalities.length; m += 1) points(context, screen, { m, n, r, target, style }, halo);
  marks(context, screen, [state.hover, stream.selected], n, r, style);
}

/** @param {PointerEvent} event @param {HTMLElement} node @param {MapState} state @param {View} view */
function hover(event, node, state, view) {
  const { screen } = state, n = view.stream?.viewSet?.labels.length;
  if (!screen || !n || event.buttons) return;
  const box = node.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  let best = 144;
  /** @type {Hit | null} */
  let nearest = null;
  for (let k = 0; k < screen.length / 2; k += 1) {
    const d = (screen[2 * k] - x) ** 2 + (screen[2 * k + 1] - y) ** 2;
    if (d < best) [best, nearest] = [d, { i: k % n, m: Math.floor(k / n), x, y }];
  }
  const hit = /** @type {Hit | null} */ (nearest), before = state.hover;
  if (hit?.i !== before?.i || hit?.m !== before?.m) {
    state.hover = hit;
    node.style.cursor = hit ? "pointer" : "grab";
    view.changed("hover");
  }
}

/** @param {MapState} state @param {View} view */
function pick(state, view) {
  const { stream } = view, viewSet = stream?.viewSet;
  if (!state.hover || !stream || !viewSet) return;
  const { i } = state.hover;
  stream.select({ i });
  for (const { name } of viewSet.modalities) play(state.samples, name, viewSet.index[i]);
}
