// As much of a browser as the views' modules touch when they are imported and when they build small nodes. No layout, no
// pixels: what is drawn on a canvas is tested in a real browser (tests/dashboard).

import { readFile } from "node:fs/promises";

/** @typedef {Record<string, string>} Table */

export class FakeNode extends EventTarget {
  /** @param {string} tag */
  constructor(tag) {
    super();
    this.tag = tag;
    /** @type {(FakeNode | string)[]} */
    this.children = [];
    /** @type {FakeNode | null} */
    this.parentNode = null;
    /** @type {Table} */
    this.dataset = {};
    /** @type {Table} */
    this.attributes = {};
    /** @type {Table} */
    this.style = {};
    this.className = "";
    this.hidden = false;
    this.clientWidth = 0;
    this.clientHeight = 0;
    const names = new Set();
    this.classList = { add: (/** @type {string} */ name) => names.add(name), contains: (/** @type {string} */ name) => names.has(name) };
  }

  /** @returns {string} */
  get textContent() {
    return this.children.map((child) => (typeof child === "string" ? child : child.textContent)).join("");
  }

  set textContent(text) {
    this.children = text ? [text] : [];
  }

  get isConnected() {
    return this.parentNode !== null;
  }

  /** @param {...(FakeNode | string)} nodes */
  append(...nodes) {
    for (const node of nodes) if (node instanceof FakeNode) node.parentNode = this;
    this.children.push(...nodes);
  }

  /** @param {FakeNode} node */
  appendChild(node) {
    this.append(node);
    queueMicrotask(() => /** @type {any} */ (node).onload?.());
    return node;
  }

  /** @param {...(FakeNode | string)} nodes */
  replaceChildren(...nodes) {
    this.children = [];
    this.append(...nodes);
  }

  remove() {
    if (this.parentNode) this.parentNode.children = this.parentNode.children.filter((child) => child !== this);
    this.parentNode = null;
  }

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  /** @param {string} name */
  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  setPointerCapture() {}

  hasPointerCapture() {
    return true;
  }

  /** Every node below with this tag. @param {string} tag @returns {FakeNode[]} */
  all(tag) {
    return this.children.flatMap((child) => (child instanceof FakeNode ? [...(child.tag === tag ? [child] : []), ...child.all(tag)] : []));
  }
}

const SHARED = new URL("../../assets/", import.meta.url); // what the server gives beside the modules
const head = new FakeNode("head");
Object.assign(globalThis, {
  fetch: async (/** @type {URL} */ url) => new Response(await readFile(new URL(url.pathname.replace(/.*\//, ""), SHARED), "utf8")),
  document: {
    head,
    createElement: (/** @type {string} */ tag) => new FakeNode(tag),
    createElementNS: (/** @type {string} */ _, /** @type {string} */ tag) => new FakeNode(tag),
  },
});

/**
 * An event with further fields, as a browser would give it.
 * @param {string} type
 * @param {Record<string, unknown>} fields
 */
export const event = (type, fields = {}) => Object.assign(new Event(type, { cancelable: true }), fields);

/** A node where the product's types want an element. @param {FakeNode} node @returns {any} */
export const asElement = (node) => node;
