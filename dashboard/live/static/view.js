// What every live view shares: a root that stays, state by parent element, drawing once an animation frame.

import { join } from "./run_stream.js";

/** @type {WeakMap<HTMLElement, View<any>>} */
const views = new WeakMap();

// Once a page, and not with every rerun as a part of it: a style sheet that is set anew makes the browser look at all again.
await new Promise((done) => {
  const sheet = document.head.appendChild(document.createElement("link"));
  Object.assign(sheet, { rel: "stylesheet", href: new URL("./live.css", import.meta.url).href, onload: done, onerror: done });
});

/**
 * @typedef {Record<string, string>} Texts by short key
 *
 * What every view is given; each adds its own.
 * @typedef {{ runs: string[], texts: Texts, height: number, titles?: Record<string, string> }} ViewData  titles of classes and columns
 *
 * What a view's `build` returns: `draw` once an animation frame when something changed, `onChange` at once.
 * @typedef {{ draw: () => void, onChange?: (event: string) => void }} Drawing
 *
 * @typedef {{ parentElement: HTMLElement, data: Uint8Array, setTriggerValue?: (name: string, value: unknown) => void }} ComponentArguments
 * of Streamlit
 */

/**
 * A component's default export: `build(root, view)` once, then `view.draw` whenever something changed.
 * @template {ViewData} D
 * @param {(root: HTMLElement, view: View<D>) => Drawing} build
 */
export function component(build) {
  /** @param {ComponentArguments} args */
  return (args) => {
    const { parentElement } = args;
    let view = /** @type {View<D> | undefined} */ (views.get(parentElement));
    const key = new TextDecoder().decode(args.data);
    /** @type {D} */
    const data = JSON.parse(key);
    if (view && view.key !== key && view.data.runs.join() !== data.runs.join()) {
      view.close();
      view = undefined;
    }
    const shown = view ?? new View(parentElement, data, build);
    views.set(parentElement, shown);
    Object.assign(shown, { data, key, ask: args.setTriggerValue });
    shown.changed("data");
    return () => {
      views.delete(parentElement);
      shown.close();
    };
  };
}

/** @template {ViewData} [D=ViewData] */
export class View {
  key = "";
  closed = false;
  /** @type {(() => void)[]} what `close` calls */
  cleanups = [];
  /** @type {number | undefined} the animation frame that will draw */
  pending;
  /** @type {HTMLElement | undefined} */
  alert;
  /** @type {(name: string, value: unknown) => void} sends Python what a person chose; it is told once, in the run that follows */
  ask = () => {};

  /**
   * @param {HTMLElement} parent
   * @param {D} data
   * @param {(root: HTMLElement, view: View<D>) => Drawing} build
   */
  constructor(parent, data, build) {
    this.data = data;
    this.root = /** @type {HTMLElement | null} */ (parent.querySelector(".fus")) ?? parent.appendChild(element("div", "fus"));
    this.root.replaceChildren();
    this.streams = data.runs.map(join);
    this.cleanups.push(...this.streams.map((stream) => stream.listen((event) => this.changed(event))));
    this.drawing = build(this.root, this);
    this.sizes = new ResizeObserver(() => this.changed("size"));
    this.sizes.observe(this.root);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const retheme = () => this.changed("theme");
    dark.addEventListener("change", retheme);
    this.themes = new MutationObserver(retheme); // Streamlit's own menu writes its variables to style and class
    for (const node of [document.documentElement, document.body, document.querySelector(".stApp")])
      if (node) this.themes.observe(node, { attributes: true, attributeFilter: ["style", "class", "data-theme"] });
    this.cleanups.push(() => dark.removeEventListener("change", retheme));
  }

  /** The first run's; none where a view shows no run. */
  get stream() {
    return /** @type {import("./run_stream.js").RunStream | undefined} */ (this.streams[0]);
  }

  /**
   * Something changed: draw soon, once.
   * @param {string} event
   */
  changed(event) {
    this.drawing?.onChange?.(event); // none while `build` runs
    this.pending ??= requestAnimationFrame(() => {
      this.pending = undefined;
      if (!this.closed) this.redraw();
    });
  }

  redraw() {
    this.drawing.draw();
    const stream = this.stream;
    this.root.classList.toggle("fus-lost", Boolean(stream?.lost));
    if (stream?.lost) this.root.dataset.lost = this.data.texts?.lost ?? "";
    else delete this.root.dataset.lost;
    this.explain(stream?.problem ?? "");
  }

  /**
   * Show in the view itself why nothing comes: `problem` as in place.js and run_stream.js, "" for none.
   * @param {string} problem
   */
  explain(problem) {
    const text = problem && fill(this.data.texts?.[problem], { flag: `--allow-host ${location.host}` });
    if (!text) return this.alert?.remove();
    this.alert ??= element("p", "fus-problem", "", { role: "alert" });
    setText(this.alert, text);
    if (this.alert.parentNode !== this.root) this.root.append(this.alert);
  }

  /**
   * What tests and assistive tools read; called after drawing.
   * @param {string} name
   * @param {{ step?: number | null | undefined, points?: number }} state
   */
  describe(name, { step, points = 0 }) {
    setData(this.root, {
      view: name,
      run: this.data.runs.join(" "),
      step: step ?? "",
      points,
      status: this.stream?.gone ? "gone" : this.stream?.status.status ?? "",
    });
  }

  close() {
    this.closed = true;
    this.sizes.disconnect();
    this.themes.disconnect();
    for (const stop of this.cleanups) stop();
    for (const stream of this.streams) stream.leave();
  }
}

/**
 * A new element with classes, text and attributes; text is never read as HTML.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} classes
 * @param {string} text
 * @param {Record<string, string>} attributes
 */
export function element(tag, classes = "", text = "", attributes = {}) {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/**
 * Write data attributes, only those that changed: a write that changes nothing still costs the browser a look at its styles.
 * @param {HTMLElement} node
 * @param {Record<string, unknown>} values
 */
export function setData(node, values) {
  for (const [name, value] of Object.entries(values)) if (node.dataset[name] !== String(value)) node.dataset[name] = String(value);
}

/**
 * Write a text unless it is the same already.
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * The context of a canvas that the processor draws: a few thousand stamps are quicker there than sent to a graphics card, most
 * of all to an emulated one.
 * @param {HTMLCanvasElement} node
 */
export function context2d(node) {
  const context = node.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser draws no canvas");
  return context;
}

/**
 * A canvas that fills its box in device pixels; `fit()` gives the context scaled to CSS pixels, and its size.
 * @param {HTMLElement} parent
 * @param {string} label
 */
export function canvas(parent, label) {
  const node = parent.appendChild(element("canvas", "fus-canvas", "", { role: "img", tabindex: "0" }));
  node.setAttribute("aria-label", label);
  const context = context2d(node);
  const fit = () => {
    const { clientWidth: width, clientHeight: height } = node, ratio = devicePixelRatio || 1;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (node.width !== w || node.height !== h) Object.assign(node, { width: w, height: h });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { context, width, height };
  };
  return { node, fit };
}

/**
 * A view's height: `pixels` on a screen of 720, more on a higher one, up to twice.
 * @param {HTMLElement} root
 * @param {number} pixels
 */
export function setHeight(root, pixels) {
  root.style.height = `clamp(${pixels}px, ${(pixels / 7.2).toFixed(2)}vh, ${2 * pixels}px)`;
}

/** @type {CanvasRenderingContext2D | undefined} that reads colours */
let scratch;

/** @typedef {ReturnType<typeof theme>} Theme */

/**
 * Streamlit's colours as they are now.
 * @param {Element} root
 */
export function theme(root) {
  const style = getComputedStyle(root);
  /** @param {string} name @param {string} other */
  const read = (name, other) => style.getPropertyValue(name).trim() || other;
  const background = read("--st-background-color", "#ffffff");
  return {
    background,
    text: read("--st-text-color", "#1b1f24"),
    accent: read("--st-primary-color", "#0072B2"),
    line: read("--st-border-color", "#d9dde2"),
    font: read("--st-font", "sans-serif"),
    dark: luminance(background) < 0.4,
  };
}

/** @param {string} colour */
function luminance(colour) {
  scratch ??= context2d(document.createElement("canvas"));
  scratch.fillStyle = colour;
  const hex = parseInt(String(scratch.fillStyle).slice(1, 7), 16);
  return (0.3 * (hex >> 16) + 0.59 * ((hex >> 8) & 255) + 0.11 * (hex & 255)) / 255;
}

/**
 * A number to read: so many digits after the point, powers of ten where that would be long, a dash where it is none.
 * @param {number | null | undefined} value
 * @param {number} digits
 */
export function formatNumber(value, digits) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  return Math.abs(value) >= 1e5 ? value.toExponential(2).replace("e+", "e") : value.toFixed(digits);
}

/**
 * Fill {name} places of a text.
 * @param {string | undefined} text
 * @param {Record<string, unknown>} values
 */
export function fill(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
