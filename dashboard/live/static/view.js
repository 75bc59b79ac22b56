// What every live view shares: a root that stays, state by parent element, drawing once an animation frame.

import { join } from "./run_stream.js";

const views = new WeakMap();

// Once a page, and not with every rerun as a part of it: a style sheet that is set anew makes the browser look at all again.
await new Promise((done) => {
  const sheet = document.head.appendChild(document.createElement("link"));
  Object.assign(sheet, { rel: "stylesheet", href: new URL("./live.css", import.meta.url).href, onload: done, onerror: done });
});

/** A component's default export: `build(root, view)` once, then `view.draw` whenever something changed. */
export function component(build) {
  return (args) => {
    const { parentElement } = args;
    let view = views.get(parentElement);
    const key = new TextDecoder().decode(args.data), data = JSON.parse(key);
    if (view && view.key !== key && view.data.runs.join() !== data.runs.join()) {
      view.close();
      view = undefined;
    }
    if (!view) views.set(parentElement, (view = new View(parentElement, data, build)));
    Object.assign(view, { data, key, args });
    view.changed("data");
    return () => {
      views.delete(parentElement);
      view.close();
    };
  };
}

class View {
  constructor(parent, data, build) {
    this.data = data;
    this.root = parent.querySelector(".fus") ?? parent.appendChild(element("div", "fus"));
    this.root.replaceChildren();
    this.streams = data.runs.map(join);
    this.stops = this.streams.map((stream) => stream.listen((event) => this.changed(event)));
    this.cleanups = [];
    Object.assign(this, build(this.root, this));
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

  get stream() {
    return this.streams[0];
  }

  /** Something changed: draw soon, once. */
  changed(event) {
    this.onChange?.(event);
    this.pending ??= requestAnimationFrame(() => {
      this.pending = undefined;
      if (!this.closed) this.redraw();
    });
  }

  redraw() {
    this.draw?.();
    const stream = this.stream;
    this.root.classList.toggle("fus-lost", Boolean(stream?.lost));
    if (stream?.lost) this.root.dataset.lost = this.data.texts?.lost ?? "";
    else delete this.root.dataset.lost;
    this.explain(stream?.problem ?? "");
  }

  /** Show in the view itself why nothing comes: `problem` as in place.js and run_stream.js, "" for none. */
  explain(problem) {
    const text = problem && fill(this.data.texts?.[problem], { flag: `--allow-host ${location.host}` });
    if (!text) return this.alert?.remove();
    this.alert ??= element("p", "fus-problem", "", { role: "alert" });
    setText(this.alert, text);
    if (this.alert.parentNode !== this.root) this.root.append(this.alert);
  }

  /** What tests and assistive tools read; called after drawing. */
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
    for (const stop of [...this.stops, ...this.cleanups]) stop();
    for (const stream of this.streams) stream.leave();
  }
}

/** A new element with classes, text and attributes; text is never read as HTML. */
export function element(tag, classes = "", text = "", attributes = {}) {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** Write data attributes, only those that changed: a write that changes nothing still costs the browser a look at its styles. */
export function setData(node, values) {
  for (const [name, value] of Object.entries(values)) if (node.dataset[name] !== String(value)) node.dataset[name] = value;
}

/** Write a text unless it is the same already. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A canvas that fills its box in device pixels; `fit()` gives the context scaled to CSS pixels, and its size. */
export function canvas(parent, label) {
  const node = parent.appendChild(element("canvas", "fus-canvas", "", { role: "img", tabindex: "0" }));
  node.setAttribute("aria-label", label);
  // Drawn by the processor: a few thousand stamps are quicker there than sent to a graphics card, most of all to an emulated one.
  const context = node.getContext("2d", { willReadFrequently: true });
  const fit = () => {
    const { clientWidth: width, clientHeight: height } = node, ratio = devicePixelRatio || 1;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (node.width !== w || node.height !== h) Object.assign(node, { width: w, height: h });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { context, width, height };
  };
  return { node, fit };
}

/** Streamlit's colours as they are now. */
export function theme(root) {
  const style = getComputedStyle(root);
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

function luminance(colour) {
  const scratch = theme.scratch ?? (theme.scratch = document.createElement("canvas").getContext("2d"));
  scratch.fillStyle = colour;
  const hex = parseInt(scratch.fillStyle.slice(1, 7), 16);
  return (0.3 * (hex >> 16) + 0.59 * ((hex >> 8) & 255) + 0.11 * (hex & 255)) / 255;
}

/** A number to read: so many digits after the point, powers of ten where that would be long, a dash where it is none. */
export function formatNumber(value, digits) {
  if (!Number.isFinite(value)) return "–";
  return Math.abs(value) >= 1e5 ? value.toExponential(2).replace("e+", "e") : value.toFixed(digits);
}

/** Fill {name} places of a text. */
export function fill(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
