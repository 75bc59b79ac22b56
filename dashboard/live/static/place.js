// Where our own paths are, and why they cannot be reached. This module's address says it, whatever a proxy put before it.

const LIVE = new URL("../../", import.meta.url);
const AGAIN = 3000; // ms: all views of a page ask together
const PATIENCE = 5000; // ms for a socket to open
let asked = -Infinity, answer;

/** The address of something under live/. */
export const address = (rest) => new URL(rest, LIVE).href;

/** The same for a socket. */
export const socket = (rest) => address(rest).replace(/^http/, "ws");

/**
 * Why no socket can be opened: "refused" (the server does not know this page's name), "uninvited" (the
 * cookie of this browser has ended), "blocked" (something in between
 * lets no sockets through), "" (it can, or nobody answers at all: that passes, or is said elsewhere).
 */
export function why() {
  if (performance.now() - asked > AGAIN) {
    asked = performance.now();
    answer = find();
  }
  return answer;
}

async function find() {
  const knock = await fetch(address("knock"), { method: "POST" }).catch(() => null);
  if (knock?.status === 401) return "uninvited";
  if (knock?.status === 403 || knock?.status === 421) return knock.headers.has("fusionarium-refusal") ? "refused" : "uninvited";
  return !knock?.ok || (await opens()) ? "" : "blocked";
}

function opens() {
  return new Promise((done) => {
    const probe = new WebSocket(socket("knock"));
    const end = (result) => () => {
      clearTimeout(timer);
      probe.close();
      done(result);
    };
    const timer = setTimeout(end(false), PATIENCE);
    Object.assign(probe, { onopen: end(true), onerror: end(false) });
  });
}
