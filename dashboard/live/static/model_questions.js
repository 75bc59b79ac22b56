// Questions to the model of a finished run (dashboard/server/answers.py): one on its way, and the newest that waits behind it.
// A person who drags a slider asks with every move; what came in between is never sent.

import { address } from "./place.js";

/**
 * `core/serving/answers/missing.py`; `changed`: of how many of the samples another class is predicted than with everything there.
 * @typedef {{ metric: string, score: number, samples: number, changed: number | null, step: number }} MissingAnswer
 *
 * Why there is no answer: too many ask or it takes too long ("busy"), nobody was reached ("unreached"), this model cannot
 * be asked ("unanswered"); "" for no reason known.
 * @typedef {"" | "busy" | "unreached" | "unanswered"} NoAnswer
 *
 * @typedef {{ outcome: string, answer: MissingAnswer | null, problem: import("./messages.js").Problem | null }} Outcome
 */

const KEPT = 300; // answers
const SLOW = 300; // ms after which a person is told that the model is being asked
const BUSY = [409, 429, 504]; // statuses: a newer question of the same visitor elsewhere, too many visitors, not in time
const FINAL = ["no_model", "broken_run", "no_prediction"]; // problems that the next question has too

export class ModelQuestions {
  /** @type {NoAnswer} of the newest question */
  problem = "";
  /** Whether the question on its way takes long. */
  slow = false;
  /** Whether asking is in vain. */
  over = false;
  /** @type {string | null} what was asked in vain: not again until something else was asked */
  failed = null;
  /** @type {string | null} what is on its way */
  asked = null;
  /** @type {string | null} what is asked next */
  waiting = null;
  /** @type {Map<string, MissingAnswer>} by question */
  answers = new Map();
  closing = new AbortController();

  /**
   * @param {string} run
   * @param {() => void} notify called when something changed
   */
  constructor(run, notify) {
    this.run = run;
    this.notify = notify;
  }

  /**
   * The model's answer, null as long as there is none; then it is asked.
   * @param {string} query e.g. "missing.audio=37"
   */
  ask(query) {
    const answer = this.answers.get(query) ?? null;
    this.waiting = answer || this.over || query === this.asked || query === this.failed ? null : query;
    if (this.asked === null) this.send();
    return answer;
  }

  close() {
    this.over = true;
    this.closing.abort();
  }

  async send() {
    const query = this.waiting;
    if (query === null) return;
    Object.assign(this, { asked: query, waiting: null, failed: null, slow: false, problem: "" });
    const timer = setTimeout(() => ((this.slow = true), this.notify()), SLOW);
    await this.receive(query);
    clearTimeout(timer);
    Object.assign(this, { asked: null, slow: false });
    if (this.closing.signal.aborted) return;
    this.notify();
    this.send();
  }

  /** @param {string} query */
  async receive(query) {
    try {
      const response = await fetch(address(`runs/${this.run}/answers/missing?${query}`), { signal: this.closing.signal });
      /** @type {Outcome | null} */
      const outcome = await response.json().catch(() => null);
      if (outcome?.answer) this.keep(query, outcome.answer);
      else this.fail(query, response.status, outcome?.problem?.error ?? "");
    } catch {
      this.fail(query, 0, "");
    }
  }

  /** @param {string} query @param {MissingAnswer} answer */
  keep(query, answer) {
    this.answers.set(query, answer);
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= KEPT) break;
      this.answers.delete(oldest);
    }
  }

  /** @param {string} query @param {number} status 0 where there was no response @param {string} error */
  fail(query, status, error) {
    this.failed = query;
    this.problem = BUSY.includes(status) || error === "answerer_ended" ? "busy" : status === 0 || status >= 500 ? "unreached" : "unanswered";
    this.over ||= FINAL.includes(error);
  }
}
