// One stream a run, shared by all views of a page: what is known of the run, and the position of this viewer in it.
//
// Watching is not training: `position` is the viewer's own (null follows the newest picture). Pictures come over one
// WebSocket; older ones are fetched when a viewer scrubs to them.

import { decode } from "./codec.js";
import { address, connectionProblem, socketAddress } from "./place.js";

/**
 * @typedef {import("./messages.js").Frame} Frame
 * @typedef {import("./messages.js").Message} Message
 * @typedef {import("./messages.js").MetricRecord} MetricRecord
 */

/** @type {Map<string, RunStream>} */
const streams = new Map();
const CACHED = 200; // decoded pictures kept a run; 30 kB each
/** @type {Record<number, string | undefined>} */
const CLOSE_REASONS = { 4401: "uninvited", 4429: "crowded" }; // why the server closed it: the cookie has expired, no room for one more
const LINGER = 3000; // ms a stream outlives its last view: a page rerun remounts nothing, a page switch may

/**
 * The stream of a run. Pair with `leave()`; `listen` to be notified of changes.
 * @param {string} run
 */
export function join(run) {
  let stream = streams.get(run);
  if (!stream) streams.set(run, (stream = new RunStream(run)));
  stream.users += 1;
  return stream;
}

export class RunStream {
  users = 0;
  /** @type {import("./messages.js").RunConfig | null} */
  config = null;
  /** @type {import("./messages.js").ViewSet | null} */
  viewSet = null;
  /** @type {Partial<import("./messages.js").RunStatus>} */
  status = {};
  /** @type {MetricRecord[]} */
  records = [];
  /** @type {number[]} those that have a frame */
  steps = [];
  /** @type {Frame | null} */
  newest = null;
  /** @type {import("./messages.js").RunResult | null} */
  result = null;
  /** @type {string | null} why the run is no more */
  gone = null;
  connected = false;
  lost = false;
  /** Why nothing comes: as in place.js, or "crowded", "unreadable"; "" for no reason known. */
  problem = "";
  /** @type {import("./messages.js").Problem | null} why no frames come */
  projectionProblem = null;
  /** @type {number | null} */
  position = null;
  /** @type {{ i: number } | null} a sample of the view set */
  selected = null;
  /** @type {RunStream[]} those that share the selection */
  peers = [this];
  /** @type {Map<number, Frame>} by step */
  cache = new Map();
  /** @type {Set<(event: string) => void>} */
  listeners = new Set();
  tries = 0;
  /** @type {Frame | null} */
  shown = null;
  closed = false;
  fresh = false;
  /** @type {WebSocket | undefined} */
  socket;

  /** @param {string} run */
  constructor(run) {
    this.run = run;
    this.connect();
  }

  /**
   * Call `listener(event)` on every change; returns the way to stop.
   * @param {(event: string) => void} listener
   */
  listen(listener) {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  leave() {
    this.users -= 1;
    setTimeout(() => {
      if (this.users > 0 || streams.get(this.run) !== this) return;
      streams.delete(this.run);
      this.closed = true;
      this.socket?.close();
    }, LINGER);
  }

  /** @param {string} event */
  notify(event) {
    for (const listener of this.listeners) listener(event);
  }

  /** The picture on the screen: the newest, or the one at the viewer's position. */
  frame() {
    return this.position === null ? this.newest : this.cache.get(this.position) ?? this.shown ?? this.newest;
  }

  /**
   * Move the viewer: a step, or null to follow the newest.
   * @param {number | null} step
   */
  async seek(step) {
    this.position = step;
    this.notify("position");
    if (step === null || this.cache.has(step)) return this.settle();
    const frame = await this.fetch(step);
    if (frame && this.position === step) this.settle();
  }

  settle() {
    this.shown = this.frame();
    this.notify("frame");
  }

  /**
   * Mark a sample, in this run and in those that are shown beside it.
   * @param {{ i: number } | null} item
   */
  select(item) {
    for (const stream of this.peers) {
      stream.selected = item;
      stream.notify("select");
    }
  }

  /** @param {number} step */
  async fetch(step) {
    const response = await fetch(address(`runs/${this.run}/frames/${step}`)).catch(() => null);
    if (!response?.ok) return null;
    const frame = read(await response.arrayBuffer());
    if (frame) this.store(frame);
    return frame;
  }

  /** Fetch what a replay will show next, a few at a time. */
  async preload() {
    const missing = this.steps.filter((step) => !this.cache.has(step)).slice(0, CACHED);
    for (let i = 0; i < missing.length && !this.closed; i += 6) {
      await Promise.all(missing.slice(i, i + 6).map((step) => this.fetch(step)));
    }
  }

  /** @param {Frame} frame */
  store(frame) {
    this.cache.delete(frame.header.step);
    this.cache.set(frame.header.step, frame);
    for (const oldest of this.cache.keys()) {
      if (this.cache.size <= CACHED) break;
      this.cache.delete(oldest);
    }
  }

  connect() {
    const socket = (this.socket = new WebSocket(socketAddress(`socket?run=${this.run}`)));
    let opened = false;
    socket.onopen = () => (opened = true);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => (typeof data === "string" ? this.receive(JSON.parse(data)) : this.receiveFrame(data));
    socket.onclose = ({ code }) => this.retry(opened, CLOSE_REASONS[code]);
  }

  /**
   * @param {boolean} opened
   * @param {string | undefined} reason
   */
  retry(opened, reason) {
    if (this.closed || this.gone) return;
    if (reason) Object.assign(this, { problem: reason, connected: true }); // shown at once
    if (!opened && this.tries > 0) this.diagnose(); // a browser gives a page no reason why a socket could not be opened
    if (this.connected || this.tries === 1) {
      this.connected = false;
      this.lost = true;
      this.notify("connection");
    }
    const wait = (reason ? 8000 : Math.min(8000, 500 * 2 ** this.tries)) * (0.75 + Math.random() / 2); // thirty viewers do not return at once
    this.tries += 1;
    setTimeout(() => this.closed || this.connect(), wait);
  }

  async diagnose() {
    const problem = await connectionProblem();
    if (this.connected || this.problem === problem) return;
    this.problem = problem;
    this.notify("connection");
  }

  /** @param {Message} message */
  receive(message) {
    if (!this.connected) Object.assign(this, { connected: true, lost: false, problem: "", tries: 0, fresh: true });
    this.apply(message);
    this.notify(message.type);
  }

  /** @param {Message} message */
  apply(message) {
    switch (message.type) {
      case "run":
        this.config = message.config;
        this.viewSet = message.probe ?? this.viewSet;
        break;
      case "status":
        this.status = message;
        break;
      case "frames":
        this.steps = message.steps;
        break;
      case "result":
        this.result = message;
        break;
      case "pictures":
        this.projectionProblem = message.problem ?? null;
        break;
      case "trouble":
        this.problem = message.what ? "unreadable" : "";
        break;
      case "gone":
        this.gone = message.reason;
        break;
      case "records":
        this.append(message);
        break;
    }
  }

  /** @param {import("./messages.js").RecordsMessage} message */
  append({ text, reset }) {
    if (reset || this.fresh) this.records = []; // after a reconnect the server begins again
    if (reset) this.cache.clear();
    this.fresh = false;
    for (const line of text.split("\n")) if (line) this.records.push(...record(line));
  }

  /** @param {ArrayBuffer} data */
  receiveFrame(data) {
    const frame = read(data);
    if (!frame) return;
    this.newest = frame;
    this.store(frame);
    if (this.position === null) this.settle();
    else this.notify("newest");
  }
}

/**
 * A picture, or null where a broken folder holds something else: the views keep what they show.
 * @param {ArrayBuffer} data
 */
function read(data) {
  try {
    return decode(data);
  } catch {
    return null;
  }
}

/**
 * A record, or none from a line that is not one.
 * @param {string} line
 * @returns {MetricRecord[]}
 */
function record(line) {
  try {
    const value = JSON.parse(line.replaceAll('"look/', '"diagnostics/')); // the earlier name: keys hold no quotes
    return value && "step" in value ? [value] : [];
  } catch {
    return [];
  }
}
