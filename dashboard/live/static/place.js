// Where our own paths are, and why they cannot be reached. It follows from this module's address, whatever a proxy put before it.

const LIVE = new URL("../../", import.meta.url);
const RECHECK = 3000; // ms: all views of a page share one check
const PATIENCE = 5000; // ms for a socket to open
let checkedAt = -Infinity;
/** @typedef {"" | "refused" | "uninvited" | "blocked"} ConnectionProblem */
/** @type {Promise<ConnectionProblem>} */
let check;

/**
 * The address of something under live/.
 * @param {string} rest
 */
export const address = (rest) => new URL(rest, LIVE).href;

/**
 * The same for a socket.
 * @param {string} rest
 */
export const socketAddress = (rest) => address(rest).replace(/^http/, "ws");

/**
 * Why no socket can be opened: "refused" (the server does not know this page's name), "uninvited" (the
 * cookie of this browser has expired), "blocked" (something in between
 * lets no sockets through), "" (it can, or nothing answers at all: that passes, or is shown elsewhere).
 * @returns {Promise<ConnectionProblem>}
 */
export function connectionProblem() {
  if (performance.now() - checkedAt > RECHECK) {
    checkedAt = performance.now();
    check = diagnose();
  }
  return check;
}

/** @returns {Promise<ConnectionProblem>} */
async function diagnose() {
  const knock = await fetch(address("knock"), { method: "POST" }).catch(() => null);
  if (knock?.status === 401) return "uninvited";
  if (knock?.status === 403 || knock?.status === 421) return knock.headers.has("fusionarium-refusal") ? "refused" : "uninvited";
  return !knock?.ok || (await opens()) ? "" : "blocked";
}

/** @returns {Promise<boolean>} */
function opens() {
  return new Promise((done) => {
    const trial = new WebSocket(socketAddress("knock"));
    /** @param {boolean} result */
    const end = (result) => () => {
      clearTimeout(timer);
      trial.close();
      done(result);
    };
    const timer = setTimeout(end(false), PATIENCE);
    Object.assign(trial, { onopen: end(true), onerror: end(false) });
  });
}
