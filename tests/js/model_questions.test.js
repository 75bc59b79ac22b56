// A slider's questions to a model: the newest follows the one on its way, answers are kept, reasons are told apart.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import "./dom.js";

const { ModelQuestions } = await import("../../dashboard/live/static/model_questions.js");

/** @type {{ query: string, reply: (status: number, outcome: object) => void, lose: () => void }[]} */
let sent = [];
globalThis.fetch = /** @type {any} */ ((/** @type {string} */ url, /** @type {{ signal: AbortSignal }} */ { signal }) =>
  new Promise((done, lose) => {
    signal.addEventListener("abort", () => lose(new Error("aborted")));
    sent.push({ query: url.split("?")[1], reply: (status, outcome) => done(new Response(JSON.stringify(outcome), { status })), lose: () => lose(new Error("lost")) });
  }));
afterEach(() => (sent = []));

const settled = () => new Promise((done) => setTimeout(done, 5));
const answered = (/** @type {number} */ score) => ({ outcome: "answered", answer: { metric: "accuracy", score, samples: 9, changed: 1, step: 3 }, problem: null });
const failed = (/** @type {string} */ error) => ({ outcome: "failed", answer: null, problem: { message: "", error, values: {} } });

test("of many moves the first and the newest are sent, and answers are kept", async () => {
  let told = 0;
  const questions = new ModelQuestions("0123456789ab", () => (told += 1));
  for (const percent of [1, 2, 3]) assert.equal(questions.ask(`missing.a=${percent}`), null);
  assert.deepEqual(sent.map(({ query }) => query), ["missing.a=1"]);
  sent[0].reply(200, answered(0.5));
  await settled();
  assert.deepEqual(sent.map(({ query }) => query), ["missing.a=1", "missing.a=3"]);
  sent[1].reply(200, answered(0.4));
  await settled();
  assert.equal(questions.ask("missing.a=3")?.score, 0.4);
  assert.equal(questions.ask("missing.a=1")?.score, 0.5);
  assert.equal(sent.length, 2);
  assert.equal(told, 2);
});

test("going back to the question on its way drops the one that waits", async () => {
  const questions = new ModelQuestions("0123456789ab", () => {});
  for (const percent of [1, 2, 1]) questions.ask(`missing.a=${percent}`);
  sent[0].reply(200, answered(0.5));
  await settled();
  assert.equal(sent.length, 1);
});

test("each reason is one of three, and the same question is not asked in vain again and again", async () => {
  for (const [status, error, problem] of /** @type {[number, string, string][]} */ ([[429, "questions_full", "busy"], [409, "", "busy"], [504, "", "busy"], [422, "answerer_ended", "busy"], [422, "no_answer", "unanswered"], [404, "", "unanswered"], [500, "", "unreached"]])) {
    const questions = new ModelQuestions("0123456789ab", () => questions.ask("noise.a=1")); // as a view that draws again
    questions.ask("noise.a=1");
    sent[0].reply(status, failed(error));
    await settled();
    assert.equal(questions.problem, problem);
    assert.equal(sent.length, 1);
    questions.ask("noise.a=2");
    assert.equal(sent.length, 2, "another question is asked");
    questions.close();
    sent = [];
  }
});

test("a model that cannot be asked is not asked again", async () => {
  const questions = new ModelQuestions("0123456789ab", () => {});
  questions.ask("noise.a=1");
  sent[0].reply(422, failed("no_model"));
  await settled();
  questions.ask("noise.a=2");
  assert.equal(sent.length, 1);
  assert.equal(questions.problem, "unanswered");
});

test("a lost server is told; one that is slow, too, while it is", async () => {
  /** @type {boolean[]} */
  const slow = [];
  const questions = new ModelQuestions("0123456789ab", () => slow.push(questions.slow));
  questions.ask("noise.a=1");
  await new Promise((done) => setTimeout(done, 400));
  assert.deepEqual(slow, [true]);
  sent[0].lose();
  await settled();
  assert.deepEqual(slow, [true, false]);
  assert.equal(questions.problem, "unreached");
});

test("nothing is told after the end", async () => {
  let told = 0;
  const questions = new ModelQuestions("0123456789ab", () => (told += 1));
  questions.ask("noise.a=1");
  questions.close();
  await settled();
  questions.ask("noise.a=2");
  assert.equal(told, 0);
  assert.equal(sent.length, 1);
});
