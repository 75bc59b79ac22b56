// "What happens without the sound?" Guess first; then the slider answers from the finished run's own table.

import { component, element, fill } from "./view.js";

/**
 * @typedef {import("./view.js").View<import("./view.js").ViewData & { guess: boolean, metric: string, prefer: string }>} View
 * @typedef {"missing" | "noise"} Kind
 * @typedef {{ guessed: number | null | false, committed: boolean }} State
 * @typedef {ReturnType<typeof slider>} Slider
 * @typedef {{ question: HTMLElement, guessRow: Slider, commit: HTMLButtonElement, select: HTMLSelectElement, answerRow: Slider, answer: HTMLElement, texts: import("./view.js").Texts }} Nodes
 */

/** @type {Kind[]} */
const KINDS = ["missing", "noise"];

export default component((root, /** @type {View} */ view) => {
  const { texts, guess = true } = view.data;
  root.classList.add("fus-robustness");
  /** @type {State} */
  const state = { guessed: guess ? null : false, committed: !guess };
  const question = root.appendChild(element("div", "fus-question"));
  const guessRow = slider(root, fill(texts.guess, { metric: view.data.metric }), 50, 1);
  const commit = guessRow.row.appendChild(element("button", "fus-commit", texts.commit, { type: "button" }));
  const select = root.appendChild(element("select", "fus-select", "", { "aria-label": texts.modality }));
  const answerRow = slider(root, texts.missing, 0, 10);
  const answer = root.appendChild(element("div", "fus-answer", "", { "aria-live": "polite" }));
  commit.onclick = () => ((state.guessed = Number(guessRow.input.value)), (state.committed = true), view.changed("guess"));
  for (const node of [guessRow.input, answerRow.input, select]) node.oninput = () => view.changed("slide");
  return { draw: () => refresh(view, state, { question, guessRow, commit, select, answerRow, answer, texts }) };
});

/** @param {HTMLElement} root @param {string} text @param {number} value @param {number} step */
function slider(root, text, value, step) {
  const row = root.appendChild(element("label", "fus-slider")), name = row.appendChild(element("span", "fus-slidername", text));
  const input = row.appendChild(element("input", "", "", { type: "range", min: "0", max: "100", step: String(step) }));
  input.value = String(value);
  return { row, input, name, value: row.appendChild(element("output", "fus-slidervalue")) };
}

/**
 * Every table of the result that has rows: "missing/audio", "noise/image", ...
 * @param {Pick<import("./messages.js").RunResult, Kind> | null | undefined} result
 */
function tables(result) {
  return KINDS.flatMap((kind) => Object.keys(result?.[kind] ?? {}).map((name) => `${kind}/${name}`));
}

/** @param {View} view @param {State} state @param {Nodes} nodes */
function refresh(view, state, nodes) {
  const { question, guessRow, commit, select, answerRow, answer, texts } = nodes;
  const result = view.stream?.result, choices = tables(result);
  fillChoices(select, choices, view.data.prefer, texts);
  const ready = choices.length > 0, [kind, modality] = /** @type {[Kind, string]} */ ((select.value || "missing/").split("/"));
  question.textContent = ready ? fill(texts[`question.${kind}`], { modality: texts[modality] ?? modality }) : texts.later;
  guessRow.value.textContent = `${guessRow.input.value} %`;
  guessRow.row.hidden = !ready || state.committed;
  answerRow.row.hidden = select.hidden = answer.hidden = !ready || !state.committed;
  commit.disabled = !ready;
  answerRow.name.textContent = texts[kind] ?? kind;
  answerRow.value.textContent = `${answerRow.input.value} %`;
  if (!ready || !state.committed) return;
  const rows = result?.[kind]?.[modality] ?? [], row = rows[Math.round((Number(answerRow.input.value) / 100) * (rows.length - 1))];
  const percent = Math.round(100 * row[1]), all = Math.round(100 * rows[rows.length - 1][1]);
  const sentences = [fill(texts.answer, { metric: view.data.metric, percent, severity: row[0] })];
  if (state.guessed !== null && state.guessed !== false && row[0] === 100) sentences.push(fill(texts.compare, { guess: state.guessed, percent: all }));
  answer.textContent = sentences.join(" ");
  Object.assign(view.root.dataset, { score: String(row[1]), severity: String(row[0]) });
}

/** @param {HTMLSelectElement} select @param {string[]} choices @param {string} prefer @param {import("./view.js").Texts} texts */
function fillChoices(select, choices, prefer, texts) {
  if (select.options.length === choices.length) return;
  select.replaceChildren(...choices.map((choice) => {
    const [kind, modality] = choice.split("/");
    return element("option", "", `${texts[kind]}: ${texts[modality] ?? modality}`, { value: choice });
  }));
  if (prefer && choices.includes(prefer)) select.value = prefer;
}
