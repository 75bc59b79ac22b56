// "What happens without the sound?" Guess first; then the slider answers: from the finished run's own table at once, and for any
// share in between from its model, where that can be asked (model_questions.js). The table's curve stays beside it.

import { ModelQuestions } from "./model_questions.js";
import { robustnessCurve } from "./robustness_curve.js";
import { component, element, fill, setData, setText } from "./view.js";

/**
 * `asks`: whether the run is one of this machine, whose model can be asked.
 * @typedef {import("./view.js").View<import("./view.js").ViewData & { guess: boolean, metric: string, prefer: string, asks: boolean }>} View
 * @typedef {import("./messages.js").RunResult} RunResult
 * @typedef {import("./messages.js").Severity} Severity
 * @typedef {"missing" | "noise"} Kind
 *
 * `moved`: whether the slider was; before that no model is asked.
 * @typedef {{ guessed: number | null, committed: boolean, moved: boolean, result: RunResult | null | undefined, questions: ModelQuestions | null }} State
 * @typedef {ReturnType<typeof slider>} Slider
 * @typedef {{ question: HTMLElement, guessRow: Slider, commit: HTMLButtonElement, select: HTMLSelectElement, answerRow: Slider, curve: ReturnType<typeof robustnessCurve>, answer: HTMLElement, note: HTMLElement }} Nodes
 */

/** @type {Kind[]} */
const KINDS = ["missing", "noise"];
const LEVEL = 10; // percent between two rows of the table

export default component((root, /** @type {View} */ view) => {
  const { texts, guess = true } = view.data;
  root.classList.add("fus-robustness");
  /** @type {State} */
  const state = { guessed: null, committed: !guess, moved: false, result: null, questions: null };
  const question = root.appendChild(element("div", "fus-question"));
  const guessRow = slider(root, fill(texts.guess, { metric: view.data.metric }), 50, 1);
  const commit = guessRow.row.appendChild(element("button", "fus-commit", texts.commit, { type: "button" }));
  const select = root.appendChild(element("select", "fus-select", "", { "aria-label": texts.modality }));
  const answerRow = slider(root, texts.missing, 0, LEVEL);
  const curve = robustnessCurve(root);
  const words = root.appendChild(element("div", "fus-words", "", { "aria-live": "polite" }));
  const answer = words.appendChild(element("div", "fus-answer")), note = words.appendChild(element("div", "fus-note"));
  commit.onclick = () => ((state.guessed = Number(guessRow.input.value)), (state.committed = true), view.changed("guess"));
  guessRow.input.oninput = () => view.changed("slide");
  for (const node of [answerRow.input, select]) node.oninput = () => ((state.moved = true), view.changed("slide"));
  view.cleanups.push(() => state.questions?.close());
  return { draw: () => refresh(view, state, { question, guessRow, commit, select, answerRow, curve, answer, note }) };
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
 * @param {Pick<RunResult, Kind> | null | undefined} result
 */
function tables(result) {
  return KINDS.flatMap((kind) => Object.keys(result?.[kind] ?? {}).map((name) => `${kind}/${name}`));
}

/** @param {View} view @param {State} state @param {Nodes} nodes */
function refresh(view, state, nodes) {
  const { question, guessRow, commit, select, answerRow, curve, answer, note } = nodes, { texts } = view.data;
  const result = view.stream?.result, choices = tables(result);
  fillChoices(select, choices, view.data.prefer, texts);
  const ready = choices.length > 0, [kind, modality] = /** @type {[Kind, string]} */ ((select.value || "missing/").split("/"));
  setText(question, ready ? fill(texts[`question.${kind}`], { modality: texts[modality] ?? modality }) : texts.later);
  setText(guessRow.value, `${guessRow.input.value} %`);
  guessRow.row.hidden = !ready || state.committed;
  answerRow.row.hidden = select.hidden = answer.hidden = note.hidden = !ready || !state.committed;
  curve.svg.style.display = answer.hidden ? "none" : "";
  commit.disabled = !ready;
  setText(answerRow.name, texts[kind] ?? kind);
  const questions = asked(view, state);
  answerRow.input.step = String(questions ? 1 : LEVEL);
  setText(answerRow.value, `${answerRow.input.value} %`);
  if (ready && state.committed) show(view, state, nodes, { kind, modality, questions });
}

/**
 * Whoever asks the run's model, while it is finished and can be asked; another one when it was trained again.
 * @param {View} view
 * @param {State} state
 */
function asked(view, state) {
  const { stream } = view, result = stream?.result;
  if (state.result !== result) {
    state.questions?.close();
    Object.assign(state, { result, questions: null });
  }
  if (!stream || !result || !view.data.asks || stream.status.status !== "finished") return null;
  return (state.questions ??= new ModelQuestions(stream.run, () => view.changed("answer")));
}

/** @param {View} view @param {State} state @param {Nodes} nodes @param {{ kind: Kind, modality: string, questions: ModelQuestions | null }} chosen */
function show(view, state, { answerRow, curve, answer, note }, { kind, modality, questions }) {
  const { texts, metric } = view.data, rows = state.result?.[kind]?.[modality] ?? [], severity = Number(answerRow.input.value);
  const reply = state.moved && questions ? questions.ask(new URLSearchParams({ [`${kind}.${modality}`]: String(severity) }).toString()) : null;
  const point = /** @type {Severity} */ (reply ? [severity, reply.score] : nearest(rows, severity));
  const percent = Math.round(100 * point[1]), all = Math.round(100 * rows[rows.length - 1][1]);
  const sentences = [fill(texts.answer, { metric, percent, severity: point[0] })];
  if (state.guessed !== null && point[0] === 100) sentences.push(fill(texts.compare, { guess: state.guessed, percent: all }));
  setText(answer, sentences.join(" "));
  setText(note, remark(texts, questions, reply));
  curve.draw(rows, point, Boolean(reply), fill(texts.curve, { metric, kind: texts[kind], modality: texts[modality] ?? modality }));
  setData(view.root, { score: point[1], severity: point[0], asked: Boolean(reply) });
}

/** @param {Severity[]} rows @param {number} severity */
function nearest(rows, severity) {
  return rows.reduce((best, row) => (Math.abs(row[0] - severity) < Math.abs(best[0] - severity) ? row : best));
}

/**
 * One sentence beside the score: how many predictions changed, or why it is the table's.
 * @param {import("./view.js").Texts} texts
 * @param {ModelQuestions | null} questions
 * @param {import("./model_questions.js").MissingAnswer | null} reply
 */
function remark(texts, questions, reply) {
  if (reply) return reply.changed === null ? "" : fill(texts.changed, { changed: reply.changed, samples: reply.samples });
  if (questions?.slow) return texts.asking;
  return questions?.problem ? texts[questions.problem] : "";
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
