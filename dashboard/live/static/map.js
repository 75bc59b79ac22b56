// The live map: a point per sample and modality, a line between what belongs together.

import { camera } from "./camera.js";
import { card } from "./card.js";
import { legend } from "./legend.js";
import { colour, shape } from "./palette.js";
import { samples } from "./samples.js";
import { save } from "./save.js";
import { canvas, component, element, fill, reducedMotion, setText, theme } from "./view.js";

const sheets = new Map(); // stamps by shape, size and theme: making a canvas costs more than all that is drawn with it
const SHEETS = 24;
const NOWHERE = -32768; // a point whose embedding is not finite
const TWEEN = 320; // ms between two pictures: long enough to follow a point, shorter than an epoch

export default component((root, view) => {
  const { texts } = view.data;
  root.classList.add("fus-map");
  root.style.height = `${view.data.height}px`;
  const surface = canvas(root, texts.label ?? "");
  const head = root.appendChild(element("div", "fus-maphead"));
  const choice = head.appendChild(element("span", "fus-choice", "", { role: "radiogroup", "aria-label": texts.layout ?? "" }));
  const note = head.appendChild(element("span", "fus-note", "", { "aria-live": "polite" }));
  if (view.data.title) head.prepend(element("strong", "", view.data.title));
  const key = legend(root), info = card(root);
  save(root, () => surface.node, `map-${view.data.runs[0] ?? ""}`, texts);
  const state = { want: "umap", from: null, to: null, began: 0, frame: null, hover: null, index: null };
  const lens = camera(surface.node, () => view.changed("camera"));
  const buttons = ["umap", "pca"].map((name) => layoutButton(choice, name, state, view));
  surface.node.addEventListener("pointermove", (event) => hover(event, surface.node, state, view));
  surface.node.addEventListener("pointerleave", () => ((state.hover = null), view.changed("hover")));
  surface.node.addEventListener("click", () => pick(state, view));
  return {
    draw: () => {
      const stream = view.stream;
      if (stream?.viewSet && state.hash !== stream.viewSet.samples) {
        state.hash = stream.viewSet.samples;
        samples(state.hash).then((index) => ((state.index = index), view.changed("samples")));
      }
      const frame = stream?.frame();
      if (frame && (frame !== state.frame || state.want !== state.drawn)) advance(state, frame);
      for (const button of buttons) button.ariaChecked = String(button.value === (state.layout ?? state.want));
      const broken = projectionSentence(stream?.projectionProblem, texts);
      setText(note, frame ? captions(state, frame, texts, Boolean(view.data.title), broken).join(" · ") : broken || emptyText(stream, texts));
      if (!view.data.title) key.draw(stream?.viewSet, theme(root).dark, view.data.texts);
      paint(surface.fit(), state, view, lens);
      info.draw(state.hover, state, stream, view);
      view.describe("map", { step: state.frame?.header.step, points: state.to ? state.to.length / 2 : 0 });
      if (state.t < 1) view.changed("tween");
    },
  };
});

function layoutButton(parent, name, state, view) {
  const label = view.data.texts[name] ?? name.toUpperCase();
  const button = parent.appendChild(element("button", "fus-tab", label, { type: "button", role: "radio" }));
  button.value = name;
  button.onclick = () => ((state.want = name), view.changed("layout"));
  return button;
}

/** A new picture: what is on the screen now is where the points start from. */
function advance(state, frame) {
  const layout = frame.blocks[`xy/${state.want}`] ? state.want : "pca";
  const next = Float32Array.from(frame.blocks[`xy/${layout}`].data, (v) => (v === NOWHERE ? NaN : v / 32767));
  const jump = !state.to || state.to.length !== next.length || reducedMotion();
  state.from = jump ? next : current(state);
  Object.assign(state, { to: next, frame, layout, drawn: state.want, began: performance.now(), t: jump ? 1 : 0 });
}

function current(state) {
  const s = progress(state), { from, to } = state;
  if (s >= 1 || !from) return to;
  return to.map((value, i) => (Number.isNaN(from[i]) ? value : from[i] + (value - from[i]) * s));
}

function progress(state) {
  const t = Math.min(1, (performance.now() - state.began) / TWEEN);
  state.t = state.t >= 1 ? 1 : t;
  return state.t >= 1 ? 1 : state.t * state.t * (3 - 2 * state.t);
}

/** What is known of the picture on the screen, problems first. */
function captions(state, frame, texts, brief, broken) {
  const { maps, separability, not_finite: lost, no_umap: why = "warming" } = frame.header, map = maps[state.layout];
  const rated = Number.isFinite(map.trustworthiness) && Number.isFinite(map.continuity), format = (value) => value.toFixed(2);
  const parts = [rated ? fill(texts.trust, { trust: format(map.trustworthiness), continuity: format(map.continuity) }) : texts.untold];
  if (rated && map.neighbours) parts.push(fill(texts.neighbours, { count: map.neighbours }));
  if (separability !== undefined && !brief) parts.push(fill(texts.separable, { value: Math.round(100 * separability) }));
  if (map.relayout) parts.push(texts.relayout);
  if (state.want !== state.layout && !(broken && why === "warming")) parts.push(texts[why] ?? texts.warming);
  if (lost) parts.unshift(fill(texts.not_finite, { count: lost, all: state.to.length / 2 }));
  return broken ? [broken, ...parts] : parts;
}

function emptyText(stream, texts) {
  return stream?.gone ? texts.gone : texts.empty;
}

/** Why no more pictures come, as far as the server knows. */
function projectionSentence(problem, texts) {
  if (!problem) return "";
  return fill(texts[`broken.${problem.error}`] ?? texts["broken.no_picture"], { reason: problem.message, ...problem.values });
}

function paint({ context, width, height }, state, view, lens) {
  const style = theme(view.root);
  context.clearRect(0, 0, width, height);
  if (!state.to || !view.stream.viewSet) return;
  const xy = current(state), { labels, modalities } = view.stream.viewSet, n = labels.length;
  const place = lens.place(width, height);
  const screen = (state.screen = new Float32Array(xy.length));
  for (let i = 0; i < xy.length; i += 2) [screen[i], screen[i + 1]] = place(xy[i], xy[i + 1]);
  links(context, screen, state.frame.blocks.link, n, style);
  const halo = state.frame.blocks.halo?.data;
  const r = Math.max(2.2, Math.min(4.2, Math.sqrt((width * height) / (n * 95)))) * lens.dot();
  for (let m = 0; m < modalities.length; m += 1) points(context, screen, m, n, labels, r, style, halo);
  marks(context, state, view, n, r, style);
}

/** Lines between partners by their true distance in the embedding, in eight strengths, one path each. */
function links(context, screen, link, n, style) {
  if (!link) return;
  const count = link.shape[0];
  context.lineWidth = 1;
  for (let level = 0; level < 8; level += 1) {
    context.beginPath();
    for (let m = 0; m < count; m += 1)
      for (let i = 0; i < n; i += 1) {
        if (link.data[m * n + i] >> 5 !== level) continue;
        const a = 2 * i, b = 2 * ((m + 1) * n + i);
        if (Number.isNaN(screen[a] + screen[b])) continue;
        context.moveTo(screen[a], screen[a + 1]);
        context.lineTo(screen[b], screen[b + 1]);
      }
    context.strokeStyle = style.dark ? `rgba(160,175,195,${0.2 - level * 0.02})` : `rgba(70,85,105,${0.18 - level * 0.018})`;
    context.stroke();
  }
}

function points(context, screen, m, n, labels, r, style, halo) {
  const stamps = stampSheet(m, r, style);
  const size = stamps.size;
  for (let i = 0; i < n; i += 1) {
    const k = m * n + i, x = screen[2 * k], y = screen[2 * k + 1];
    if (Number.isNaN(x)) continue;
    const stamp = stamps.get(labels[i], Boolean(halo?.[k]));
    context.drawImage(stamp, x - size / 2, y - size / 2, size, size);
  }
}

/** Each shape is drawn once per colour and size, and then copied: 2,000 points in about a millisecond. */
function stampSheet(m, r, style) {
  const ratio = devicePixelRatio || 1, name = `${m}/${r.toFixed(2)}/${ratio}/${style.background}`;
  if (!sheets.has(name)) {
    if (sheets.size >= SHEETS) sheets.delete(sheets.keys().next().value);
    sheets.set(name, new Map());
  }
  const made = sheets.get(name), size = Math.ceil(r * 2.8 + 4);
  const get = (label, ring) => {
    const key = label * 2 + ring;
    if (!made.has(key)) made.set(key, stamp(m, r, size, ratio, colour(label, style.dark), ring, style));
    return made.get(key);
  };
  return { size, get };
}

function stamp(m, r, size, ratio, fillColour, ring, style) {
  const sheet = document.createElement("canvas");
  sheet.width = sheet.height = Math.ceil(size * ratio);
  const context = sheet.getContext("2d", { willReadFrequently: true });
  context.scale(ratio, ratio);
  shape(context, m, size / 2, size / 2, r);
  context.fillStyle = fillColour;
  context.globalAlpha = ring ? 0.35 : 0.9; // a point whose neighbours on the map are not its own is pale
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = ring ? 1 : 0.8;
  context.strokeStyle = ring ? fillColour : style.background;
  context.stroke();
  return sheet;
}

/** The hovered and the selected sample: all its modalities, joined. */
function marks(context, state, view, n, r, style) {
  for (const item of [state.hover, view.stream.selected]) {
    if (!item) continue;
    const count = state.screen.length / 2 / n;
    for (let m = 0; m < count; m += 1) {
      const k = 2 * (m * n + item.i);
      shape(context, m, state.screen[k], state.screen[k + 1], r + 3);
      context.lineWidth = 2;
      context.strokeStyle = style.text;
      context.stroke();
    }
    context.beginPath();
    for (let m = 0; m < count; m += 1) context.lineTo(state.screen[2 * (m * n + item.i)], state.screen[2 * (m * n + item.i) + 1]);
    context.stroke();
  }
}

function hover(event, node, state, view) {
  if (!state.screen || event.buttons) return;
  const box = node.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  const n = view.stream.viewSet?.labels.length;
  let best = 144, nearest = null;
  for (let k = 0; k < state.screen.length / 2; k += 1) {
    const d = (state.screen[2 * k] - x) ** 2 + (state.screen[2 * k + 1] - y) ** 2;
    if (d < best) [best, nearest] = [d, { i: k % n, m: Math.floor(k / n), x, y }];
  }
  if (nearest?.i !== state.hover?.i || nearest?.m !== state.hover?.m) {
    state.hover = nearest;
    node.style.cursor = nearest ? "pointer" : "grab";
    view.changed("hover");
  }
}

function pick(state, view) {
  if (!state.hover) return;
  view.stream.select({ i: state.hover.i });
  import("./samples.js").then(({ play }) => {
    const { viewSet } = view.stream;
    for (const { name } of viewSet.modalities) play(state.index, name, viewSet.index[view.stream.selected.i]);
  });
}
