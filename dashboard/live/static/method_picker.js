// Methods by where the branches meet: a row per stage with the common ones, the rest behind "more", with a search and a line
// of explanation for each. One choice or several; what is chosen is Python's, a click only asks for it.

import { component, element, fill, setText } from "./view.js";

/**
 * `reason`: why it cannot be chosen with these data; "" where it can.
 * @typedef {{ name: string, title: string, idea: string, stage: string, common: boolean, reason: string }} Method
 * @typedef {{ name: string, title: string, picture: string }} Stage
 * @typedef {import("./view.js").ViewData & { stages: Stage[], methods: Method[], chosen: string[], most: number, label: string }} PickerData
 * @typedef {import("./view.js").View<PickerData>} View
 */

export default component((root, /** @type {View} */ view) => {
  root.classList.add("fus-picker");
  const heading = root.appendChild(element("div", "fus-pickername"));
  const rows = root.appendChild(element("div", "fus-pickerrows"));
  const explanation = root.appendChild(element("p", "fus-pickernote", "", { "aria-live": "polite" }));
  const back = () => /** @type {HTMLElement | null} */ (rows.querySelector('[tabindex="0"]'))?.focus();
  const panel = allMethods(root, view, (name) => choose(view, name), back);
  rows.onkeydown = (event) => walk(rows, event);
  /** @param {Event} event */
  const explain = (event) => {
    const method = methodAt(view.data.methods, event.target);
    setText(explanation, method ? explanationOf(method, view.data) : standing(view.data));
  };
  for (const kind of ["pointerover", "focusin", "pointerleave", "focusout"]) rows.addEventListener(kind, explain);
  let drawn = "";
  return {
    draw: () => {
      if (view.key === drawn) return;
      drawn = view.key;
      setText(heading, view.data.label);
      fillRows(rows, view, panel.open);
      setText(explanation, standing(view.data));
      panel.draw();
    },
  };
});

/**
 * What a click on a method asks for: that one, or with several it comes or goes.
 * @param {readonly string[]} chosen @param {string} name @param {number} most
 */
export function after(chosen, name, most) {
  if (most === 1) return [name];
  return chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name];
}

/**
 * The methods of a row: the common ones of a stage, and what is chosen.
 * @param {readonly Method[]} methods @param {string} stage @param {readonly string[]} chosen
 */
export function inRow(methods, stage, chosen) {
  return methods.filter((method) => method.stage === stage && (method.common || chosen.includes(method.name)));
}

/**
 * Those whose title, name or explanation holds every word.
 * @param {readonly Method[]} methods @param {string} text
 */
export function search(methods, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return methods.filter(({ name, title, idea }) => {
    const all = `${title} ${name} ${idea}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** @param {View} view @param {string} name */
function choose(view, name) {
  const { methods, chosen, most } = view.data, method = methods.find((one) => one.name === name);
  if (!method || barred(method, view.data)) return;
  const wanted = after(chosen, name, most);
  if (wanted.join() === chosen.join()) return;
  Object.assign(view, { data: { ...view.data, chosen: wanted }, key: "asked" }); // at once; Python's answer is drawn over it
  view.changed("choice");
  view.ask("choice", wanted);
}

/**
 * Why a method cannot be chosen now; "" where it can.
 * @param {Method} method @param {PickerData} data
 */
function barred({ name, reason }, { chosen, most, texts }) {
  if (chosen.includes(name)) return ""; // it can be left, however it came here
  return reason || (most > 1 && chosen.length >= most ? fill(texts.full, { most }) : "");
}

/** @param {Method} method @param {PickerData} data */
function explanationOf(method, data) {
  return barred(method, data) || method.idea;
}

/** @param {PickerData} data */
function standing({ methods, chosen, most, texts }) {
  if (most > 1) return fill(texts.several, { count: chosen.length, most });
  return methods.find(({ name }) => name === chosen[0])?.idea ?? "";
}

/** @param {HTMLElement} rows @param {View} view @param {(stage: string) => void} more */
function fillRows(rows, view, more) {
  const { stages, methods, chosen, most, label, texts } = view.data;
  const focused = document.activeElement instanceof HTMLElement && rows.contains(document.activeElement) ? document.activeElement.dataset.method : undefined;
  rows.replaceChildren();
  rows.setAttribute("role", most === 1 ? "radiogroup" : "group");
  rows.setAttribute("aria-label", label);
  for (const stage of stages) {
    const row = rows.appendChild(element("div", "fus-pickerrow", "", { role: "presentation" }));
    const head = row.appendChild(element("span", "fus-stage"));
    const picture = head.appendChild(element("span", "fus-stagepicture", "", { "aria-hidden": "true" }));
    picture.style.maskImage = `url("${stage.picture}")`;
    head.append(element("span", "", stage.title));
    const chips = row.appendChild(element("div", "fus-chips", "", { role: "presentation" }));
    const shown = inRow(methods, stage.name, chosen);
    for (const method of shown) chips.append(chip(method, view));
    const rest = methods.filter((method) => method.stage === stage.name).length - shown.length;
    if (rest) {
      const button = chips.appendChild(element("button", "fus-chip fus-more", fill(texts.more, { count: rest }), { type: "button", "aria-haspopup": "dialog", tabindex: "-1" }));
      button.dataset.stage = stage.name;
      button.onclick = () => more(stage.name);
    }
  }
  const buttons = [...rows.querySelectorAll("button")];
  const first = buttons.find((one) => one.dataset.method === (focused ?? chosen[0])) ?? buttons[0];
  if (first) first.tabIndex = 0;
  if (focused) first?.focus();
}

/** @param {Method} method @param {View} view */
function chip(method, view) {
  const on = view.data.chosen.includes(method.name), off = barred(method, view.data);
  const button = element("button", "fus-chip", method.title, { type: "button", role: view.data.most === 1 ? "radio" : "checkbox", "aria-checked": String(on), tabindex: "-1" });
  if (off) button.setAttribute("aria-disabled", "true");
  button.setAttribute("aria-description", explanationOf(method, view.data));
  button.dataset.method = method.name;
  button.onclick = () => choose(view, method.name);
  return button;
}

/** @param {readonly Method[]} methods @param {EventTarget | null} target */
function methodAt(methods, target) {
  const button = target instanceof Element ? target.closest("button") : null;
  return methods.find((method) => method.name === button?.dataset.method);
}

/**
 * Arrows go through the methods, Home and End to the first and last: the whole choice is one stop of the Tab key.
 * @param {HTMLElement} rows @param {KeyboardEvent} event
 */
function walk(rows, event) {
  const buttons = [...rows.querySelectorAll("button")], at = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
  /** @type {Record<string, number>} */
  const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 };
  if (at < 0 || !(event.key in to)) return;
  event.preventDefault();
  const next = buttons[(to[event.key] + buttons.length) % buttons.length];
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next.focus();
}

/**
 * All methods in a panel over the page: a search and a list with an explanation each. Escape, or a click beside it, closes.
 * @param {HTMLElement} root @param {View} view @param {(name: string) => void} take @param {() => void} back where the focus goes
 */
function allMethods(root, view, take, back) {
  const dialog = root.appendChild(element("dialog", "fus-allmethods"));
  const input = dialog.appendChild(element("input", "fus-search", "", { type: "search", autocomplete: "off", spellcheck: "false" }));
  const list = dialog.appendChild(element("div", "fus-methodlist"));
  const none = dialog.appendChild(element("p", "fus-note", "", { role: "status" }));
  const draw = () => {
    const { stages, methods, chosen, texts } = view.data, kept = search(methods, input.value);
    dialog.setAttribute("aria-label", view.data.label);
    Object.assign(input, { placeholder: texts.search, ariaLabel: texts.search });
    list.replaceChildren();
    for (const stage of stages) {
      const own = kept.filter((method) => method.stage === stage.name);
      if (!own.length) continue;
      list.append(element("div", "fus-liststage", stage.title, { id: `fus-list-${stage.name}` }));
      for (const method of own) list.append(line(method, chosen.includes(method.name)));
    }
    setText(none, kept.length ? "" : texts.none);
  };
  /** @param {Method} method @param {boolean} on */
  const line = (method, on) => {
    const off = barred(method, view.data);
    const button = element("button", "fus-methodline", "", { type: "button", "aria-pressed": String(on) });
    if (off) button.setAttribute("aria-disabled", "true");
    button.append(element("strong", "", method.title), element("span", "", off || method.idea));
    button.dataset.method = method.name;
    button.onclick = () => {
      if (off) return;
      take(method.name);
      if (view.data.most === 1) dialog.close();
    };
    return button;
  };
  input.oninput = draw;
  input.onkeydown = (event) => {
    if (event.key === "Enter") {
      event.preventDefault(); // else the key also presses the button that the closing panel gives the focus back to
      list.querySelector("button")?.click();
    }
    if (event.key === "ArrowDown") list.querySelector("button")?.focus();
  };
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  dialog.onclose = back;
  /** @param {string} stage */
  const open = (stage) => {
    input.value = "";
    draw();
    dialog.showModal();
    input.focus();
    list.querySelector(`#fus-list-${stage}`)?.scrollIntoView({ block: "start" });
  };
  return { open, draw: () => dialog.open && draw() };
}
