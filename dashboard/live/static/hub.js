// One stream a run, shared by all views of a page: what is known of the run, and where this viewer stands in it.
//
// Watching is not training: `position` is the viewer's own (null follows the newest picture). Pictures come over one
// WebSocket; older ones are fetched when somebody scrubs to them.

import { decode } from "./codec.js";
import { address, socket as socketAddress, why } from "./place.js";

const streams = new Map();
const CACHED = 200; // decoded pictures kept a run; 30 kB each
const TOLD = { 4401: "uninvited", 4429: "crowded" }; // why the server let go: the cookie has ended, no room for one more
const LINGER = 3000; // ms a stream outlives its last view: a page rerun remounts nothing, a page switch may

/** The stream of a run. Pair with `leave()`; `listen` to hear of changes. */
export function join(run) {
  let stream = streams.get(run);
  if (!stream) streams.set(run, (stream = new Stream(run)));
  stream.users += 1;
  return stream;
}

class Stream {
  constructor(run) {
    Object.assign(this, { run, users: 0, config: null, probe: null, status: {}, records: [], steps: [] });
    Object.assign(this, { newest: null, result: null, gone: null, connected: false, lost: false, why: "", position: null, unpainted: null });
    Object.assign(this, { selected: null, peers: [this], cache: new Map(), listeners: new Set(), tries: 0, shown: null });
    this.connect();
  }

  /** Call `listener(what)` on every change; returns the way to stop. */
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

  tell(what) {
    for (const listener of this.listeners) listener(what);
  }

  /** The picture on the screen: the newest, or the one at the viewer's position. */
  frame() {
    return this.position === null ? this.newest : this.cache.get(this.position) ?? this.shown ?? this.newest;
  }

  /** Move the viewer: a step, or null to follow the newest. */
  async seek(step) {
    this.position = step;
    this.tell("position");
    if (step === null || this.cache.has(step)) return this.settle();
    const frame = await this.fetch(step);
    if (frame && this.position === step) this.settle();
  }

  settle() {
    this.shown = this.frame();
    this.tell("frame");
  }

  /** Mark a sample, here and in the runs that are shown beside this one. */
  select(item) {
    for (const stream of this.peers) {
      stream.selected = item;
      stream.tell("select");
    }
  }

  async fetch(step) {
    const answer = await fetch(address(`runs/${this.run}/frames/${step}`)).catch(() => null);
    if (!answer?.ok) return null;
    const frame = read(await answer.arrayBuffer());
    if (frame) this.keep(frame);
    return frame;
  }

  /** Fetch what a replay will show next, a few at a time. */
  async preload() {
    const missing = this.steps.filter((step) => !this.cache.has(step)).slice(0, CACHED);
    for (let i = 0; i < missing.length && !this.closed; i += 6) {
      await Promise.all(missing.slice(i, i + 6).map((step) => this.fetch(step)));
    }
  }

  keep(frame) {
    this.cache.delete(frame.header.step);
    this.cache.set(frame.header.step, frame);
    if (this.cache.size > CACHED) this.cache.delete(this.cache.keys().next().value);
  }

  connect() {
    const socket = (this.socket = new WebSocket(socketAddress(`socket?run=${this.run}`)));
    let opened = false;
    socket.onopen = () => (opened = true);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => (typeof data === "string" ? this.hear(JSON.parse(data)) : this.picture(data));
    socket.onclose = ({ code }) => this.retry(opened, TOLD[code]);
  }

  retry(opened, told) {
    if (this.closed || this.gone) return;
    if (told) Object.assign(this, { why: told, connected: true }); // said at once
    if (!opened && this.tries > 0) this.ask(); // a browser does not tell a page why a socket could not be opened
    if (this.connected || this.tries === 1) {
      this.connected = false;
      this.lost = true;
      this.tell("connection");
    }
    const wait = (told ? 8000 : Math.min(8000, 500 * 2 ** this.tries)) * (0.75 + Math.random() / 2); // thirty viewers do not return at once
    this.tries += 1;
    setTimeout(() => this.closed || this.connect(), wait);
  }

  async ask() {
    const found = await why();
    if (this.connected || this.why === found) return;
    this.why = found;
    this.tell("connection");
  }

  hear(message) {
    const { type, ...rest } = message;
    if (!this.connected) Object.assign(this, { connected: true, lost: false, why: "", tries: 0, fresh: true });
    if (type === "run") Object.assign(this, { config: rest.config, probe: rest.probe ?? this.probe });
    else if (type === "status") this.status = rest;
    else if (type === "frames") this.steps = rest.steps;
    else if (type === "result") this.result = rest;
    else if (type === "pictures") this.unpainted = rest.problem ?? null;
    else if (type === "trouble") this.why = rest.what ? "unreadable" : "";
    else if (type === "gone") this.gone = rest.reason;
    else if (type === "records") this.append(rest);
    this.tell(type);
  }

  append({ text, reset }) {
    if (reset || this.fresh) this.records = []; // after a reconnect the server begins again
    if (reset) this.cache.clear();
    this.fresh = false;
    for (const line of text.split("\n")) if (line) this.records.push(...record(line));
  }

  picture(data) {
    const frame = read(data);
    if (!frame) return;
    this.newest = frame;
    this.keep(frame);
    if (this.position === null) this.settle();
    else this.tell("newest");
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
    const found = JSON.parse(line);
    return found && "step" in found ? [found] : [];
  } catch {
    return [];
  }
}
