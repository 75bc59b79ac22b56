// Buttons that are a picture; the title says what they do, to eyes and to screen readers.

import { element } from "./view.js";

const NS = "http://www.w3.org/2000/svg";
const ICONS = {
  play: "M7 5v14l12-7z", pause: "M7 5h4v14H7zM13 5h4v14h-4z", step: "M6 5v14l8-7zM16 5h3v14h-3z", rewind: "M18 5v14l-8-7zM5 5h3v14H5z",
  slow: "M4 12a8 8 0 1 1 8 8v-2a6 6 0 1 0-6-6zM11 7h2v5l4 2-1 2-5-3z", live: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
  save: "M11 4h2v8l3-3 1.4 1.4L12 15.8l-5.4-5.4L8 9l3 3zM5 18h14v2H5z",
};

/** @typedef {keyof typeof ICONS} IconName */

/** @param {HTMLElement} parent @param {IconName} name @param {string} title @param {string} classes */
export function iconButton(parent, name, title, classes = "fus-button") {
  const button = parent.appendChild(element("button", classes, "", { type: "button", title, "aria-label": title }));
  const svg = document.createElementNS(NS, "svg"), path = document.createElementNS(NS, "path");
  button.dataset.act = name;
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  button.append(svg);
  setIcon(button, name);
  return button;
}

/** @param {HTMLElement} button @param {IconName} name */
export function setIcon(button, name) {
  button.querySelector("path")?.setAttribute("d", ICONS[name]);
}
