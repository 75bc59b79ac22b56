// Where the server is, and what a refused knock means.

import assert from "node:assert/strict";
import { test } from "node:test";

import { address, connectionProblem, socketAddress } from "../../dashboard/live/static/place.js";

test("addresses lie beside the modules, whatever stands before them", () => {
  assert.equal(address("runs/a"), new URL("../../dashboard/runs/a", import.meta.url).href);
  assert.equal(socketAddress("socket?run=a"), address("socket?run=a"));
});

let clock = 0;
Object.defineProperty(globalThis, "performance", { value: { now: () => clock } });

/**
 * The problem when a POST is answered like this and a socket opens or not.
 * @param {{ status: number, refused?: boolean } | null} answer
 * @param {boolean} opens
 */
async function problem(answer, opens) {
  clock += 1e6; // another check, not the one that is remembered
  Object.assign(globalThis, {
    fetch: async () => {
      if (!answer) throw new TypeError("nobody answers");
      const { status, refused } = answer;
      return { status, ok: status < 300, headers: new Map(refused ? [["fusionarium-refusal", "1"]] : []) };
    },
    WebSocket: class {
      onopen = () => {};
      onerror = () => {};
      constructor() {
        setTimeout(() => (opens ? this.onopen() : this.onerror()), 1);
      }
      close() {}
    },
  });
  return connectionProblem();
}
test("what a knock says", async () => {
  assert.equal(await problem({ status: 204 }, true), "");
  assert.equal(await problem({ status: 204 }, false), "blocked");
  assert.equal(await problem({ status: 401 }, true), "uninvited");
  assert.equal(await problem({ status: 403, refused: true }, true), "refused");
  assert.equal(await problem({ status: 421, refused: true }, true), "refused");
  assert.equal(await problem({ status: 403 }, true), "uninvited");
  assert.equal(await problem({ status: 500 }, false), "");
  assert.equal(await problem(null, false), "", "nobody answers: that passes");
});

test("all views of a page share one check", async () => {
  let knocks = 0;
  Object.assign(globalThis, { fetch: async () => ((knocks += 1), { status: 401, ok: false, headers: new Map() }) });
  clock += 1e6;
  assert.deepEqual(await Promise.all([connectionProblem(), connectionProblem()]), ["uninvited", "uninvited"]);
  assert.equal(knocks, 1);
});
