// One stream a run, shared by all views of a page: what is known of the run, and the position of this viewer in it.
//
// Watching is not training: `position` is the viewer's own (null follows the newest picture). Pictures come over one
// WebSocket; older ones are fetched when a viewer scrubs to them.

import { decode } from "./codec.js";
import { address, connectionProblem, socketAddress } from "./place.js";

const streams = new Map();
const CACHED = 200; // decoded pictures kept a run; 30 kB each
const CLOSE_REASONS = { 4401: "uninvited", 4429: "crowded" }; // why the server closed it: the cookie has expired, no room for one more
const LINGER = 3000; // ms a stream outlives its last view: a page rerun remounts nothing, a page switch may

/** The stream of a run. Pair with `leave()`; `listen` to be notified of changes. */
export function join(run) {
  let stream = streams.get(run);
  if (!stream) streams.set(run, (stream = new Stream(run)));
  stream.users += 1;
  return stream;
}

class Stream {
  constructor(run) {
    Object.assign(this, { run, users: 0, config: null, viewSet: null, status: {}, records: [], steps: [] });
    Object.assign(this, { newest: null, result: null, gone: null, connected: false, lost: false, problem: "", position: null, projectionProblem: null });
    Object.assign(this, { selected: null, peers: [this], cache: new Map(), listeners: new Set(), tries: 0, shown: null });
    this.connect();
  }

  /** Call `listener(event)` on every change; returns the way to stop. */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
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

  notify(event) {
    for (const listener of this.listeners) listener(event);
  }

  /** The picture on the screen: the newest, or the one at the viewer's position. */
  frame() {
    return this.position === null ? this.newest : this.cache.get(this.position) ?? this.shown ?? this.newest;
  }

  /** Move the viewer: a step, or null to follow the newest. */
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

  /** Mark a sample, in this run and in those that are shown beside it. */
  select(item) {
    for (const stream of this.peers) {
      stream.selected = item;
      stream.notify("select");
    }
  }

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

  store(frame) {
    this.cache.delete(frame.header.step);
    this.cache.set(frame.header.step, frame);
    if (this.cache.size > CACHED) this.cache.delete(this.cache.keys().next().value);
  }

  connect() {
    const socket = (this.socket = new WebSocket(socketAddress(`socket?run=${this.run}`)));
    let opened = false;
    socket.onopen = () => (opened = true);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => (typeof data === "string" ? this.receive(JSON.parse(data)) : this.receiveFrame(data));
    socket.onclose = ({ code }) => this.retry(opened, CLOSE_REASONS[code]);
  }

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

  receive(message) {
    const { type, ...rest } = message;
    if (!this.connected) Object.assign(this, { connected: true, lost: false, problem: "", tries: 0, fresh: true });
    if (type === "run") Object.assign(this, { config: rest.config, viewSet: rest.probe ?? this.viewSet });
    else if (type === "status") this.status = rest;
    else if (type === "frames") this.steps = rest.steps;
    else if (type === "result") this.result = rest;
    else if (type === "pictures") this.projectionProblem = rest.problem ?? null;
    else if (type === "trouble") this.problem = rest.what ? "unreadable" : "";
    else if (type === "gone") this.gone = rest.reason;
    else if (type === "records") this.append(rest);
    this.notify(type);
  }

  append({ text, reset }) {
    if (reset || this.fresh) this.records = []; // after a reconnect the server begins again
    if (reset) this.cache.clear();
    this.fresh = false;
    for (const line of text.split("\n")) if (line) this.records.push(...record(line));
  }

  receiveFrame(data) {
    const frame = read(data);
    if (!frame) return;
    this.newest = frame;
    this.store(frame);
    if (this.position === null) this.settle();
    else this.notify("newest");
  }
}

/** A picture, or null where a broken folder holds something else: the views keep what they show. */
function read(data) {
  try {
    return decode(data);
  } catch {
    return null;
  }
}

/** A record, or none from a line that is not one. */
function record(line) {
  try {
    const value = JSON.parse(line);
    return value && "step" in value ? [value] : [];
  } catch {
    return [];
  }
}
