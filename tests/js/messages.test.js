// The server's golden messages (tests/dashboard/test_messages.py) against the types in messages.js, and as a run's stream.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { RunStream } from "../../dashboard/live/static/run_stream.js";

/** @typedef {import("../../dashboard/live/static/messages.js").Message} Message */

const path = fileURLToPath(new URL("../golden/messages.json", import.meta.url));
/** @type {{ header: object, messages: Message[] }} */
const golden = JSON.parse(readFileSync(path, "utf8"));
const typescript = await import("typescript").then((module) => module.default).catch(() => null);

/** What tsc says of each value as one of the types of messages.js. @param {[type: string, value: unknown][]} values */
function complaints(values) {
  if (!typescript) return [];
  const ts = typescript, name = fileURLToPath(new URL("golden.ts", import.meta.url));
  const source = values.map(([type, value], i) => `export const value${i}: import("../../dashboard/live/static/messages.js").${type} = ${JSON.stringify(value)};`).join("\n");
  const options = { strict: true, exactOptionalPropertyTypes: true, allowJs: true, noEmit: true, types: [], target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, moduleResolution: ts.ModuleResolutionKind.Bundler };
  const host = ts.createCompilerHost(options), read = host.getSourceFile.bind(host), exists = host.fileExists.bind(host);
  host.getSourceFile = (file, ...rest) => (file === name ? ts.createSourceFile(file, source, ts.ScriptTarget.ES2022) : read(file, ...rest));
  host.fileExists = (file) => file === name || exists(file);
  const program = ts.createProgram([name], options, host);
  return ts.getPreEmitDiagnostics(program).map((found) => ts.flattenDiagnosticMessageText(found.messageText, "\n"));
}

/** The stream of a run whose socket opens nothing. */
function stream() {
  Object.assign(globalThis, { WebSocket: class {} });
  return new RunStream("0123456789ab");
}

/** @template {Message["type"]} T @param {T} type @returns {Extract<Message, { type: T }>} */
const first = (type) => /** @type {any} */ (golden.messages.find((message) => message.type === type));

const typed = { skip: typescript ? false : "typescript is not installed (npm ci)" };

test("every golden message is one of the types, and the header is a frame's", typed, () => {
  const records = first("records").text.split("\n").filter(Boolean);
  /** @type {[string, unknown][]} */
  const values = [...golden.messages.map((message) => /** @type {[string, unknown]} */ (["Message", message])), ["FrameHeader", golden.header]];
  values.push(...records.map((line) => /** @type {[string, unknown]} */ (["MetricRecord", JSON.parse(line)])));
  assert.ok(records.length > 1);
  assert.deepEqual(complaints(values), []);
});

test("a message with an unknown entry, without one, or of another type is none of them", typed, () => {
  const { steps, ...without } = first("frames");
  const broken = [{ ...first("frames"), further: 1 }, without, { ...first("frames"), steps: steps.map(String) }, { type: "other" }, { ...first("status"), further: 1 }, { ...first("status"), status: "ready" }];
  assert.equal(complaints(broken.map((message) => ["Message", message])).length, broken.length);
});

test("a stream takes what the server sends", () => {
  const run = stream();
  /** @type {string[]} */
  const events = [];
  run.listen((event) => events.push(event));
  for (const type of /** @type {Message["type"][]} */ (["run", "records", "frames", "result", "status", "alive"])) run.receive(first(type));
  assert.deepEqual(events, ["run", "records", "frames", "result", "status", "alive"]);
  assert.equal(run.config?.dataset, "interactions");
  assert.equal(run.viewSet?.modalities.length, 2);
  assert.equal(run.status.status, "finished");
  assert.equal(run.records.at(-1)?.step, first("frames").steps.at(-1));
  assert.ok((run.result?.metrics["test/loss"] ?? 0) > 0);
  run.receive(first("pictures"));
  run.receive(first("trouble"));
  run.receive(first("gone"));
  assert.equal(run.projectionProblem?.error, "no_picture");
  assert.equal(run.problem, "unreadable");
  assert.equal(run.gone, "unknown");
});

test("records go on, begin again after a resume and after a reconnect, and a broken line is left out", () => {
  const run = stream(), send = (/** @type {string} */ text, reset = false) => run.receive({ type: "records", text, reset });
  send('{"step": 1, "epoch": 0.5}\n{"step": 2, "ep\nnull\n7\n');
  send('{"step": 2, "epoch": 1}\n');
  assert.deepEqual(run.records.map((record) => record.step), [1, 2]);
  send('{"step": 0, "epoch": 0}\n', true);
  assert.deepEqual(run.records.map((record) => record.step), [0]);
  run.connected = false;
  send('{"step": 5, "epoch": 0}\n');
  assert.deepEqual(run.records.map((record) => record.step), [5]);
});

test("the viewer stays where it is while newer frames come", async () => {
  const run = stream(), frame = (/** @type {number} */ step) => /** @type {any} */ ({ header: { step }, blocks: {} });
  run.store(frame(1));
  await run.seek(1);
  run.newest = frame(2);
  assert.equal(run.frame()?.header.step, 1);
  await run.seek(null);
  assert.equal(run.frame()?.header.step, 2);
  for (let step = 0; step < 400; step += 1) run.store(frame(step));
  assert.ok(run.cache.size <= 200 && run.cache.has(399) && !run.cache.has(0));
});

test("a garbled frame changes nothing", () => {
  const run = stream();
  run.receiveFrame(new ArrayBuffer(9));
  assert.equal(run.newest, null);
});
