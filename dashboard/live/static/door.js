// Streamlit shows an empty page for ever when its socket is refused or held up on the way. This waits a little, and shows why.

import { connectionProblem } from "./place.js";

const PERIOD = 4000; // ms
/** @type {Record<string, Record<string, string>>} language -> problem -> sentence */
const texts = JSON.parse(document.getElementById("fusionarium-door")?.textContent ?? "{}");
const box = Object.assign(document.createElement("p"), { className: "fus-door", role: "alert" });
box.style.cssText =
  "position:fixed;left:10vw;right:10vw;top:12vh;z-index:1000000;margin:0;padding:16px 20px;border-radius:8px;background:#d55e00;color:#fff;font:16px/1.5 sans-serif";

const drawn = () => document.querySelector(".st-key-languages");

function language() {
  const wanted = new URLSearchParams(location.search).get("lang");
  return texts[wanted ?? ""] ?? texts[navigator.language.startsWith("zh") ? "zh" : "en"];
}

async function check() {
  const reason = drawn() ? "" : await connectionProblem();
  const text = language()[reason];
  if (text && !drawn()) {
    box.textContent = text.replace("{flag}", `--allow-host ${location.host}`);
    document.body.append(box);
  } else box.remove();
  if (!drawn()) setTimeout(check, PERIOD);
}

setTimeout(check, PERIOD);
