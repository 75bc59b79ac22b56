// How a target is shown: one line each, a module of the same name beside it. That of the class comes with the page, since
// nearly every run has it; others are fetched when a run has them. core/targets/base.py: `view` names it, `view_data` feeds it.

import * as classes from "./classes.js";

/**
 * What a run predicts, for its view: titles in the page's language. `column` is the one that colours the map, where there are
 * several. `truth`: one entry per sample, as the view knows it.
 * @typedef {object} Target
 * @property {string} view
 * @property {string[]} names
 * @property {any[]} truth
 * @property {string[]} units
 * @property {[low: number, high: number][]} range
 * @property {number} column
 *
 * @typedef {{ fill: string, hole: import("../palette.js").Outline | null }} Paint
 *
 * @typedef {object} TargetView
 * @property {(target: Target, i: number) => number} swatch  which of its paints sample i has, from 0
 * @property {(target: Target, swatch: number, dark: boolean) => Paint} paint
 * @property {(target: Target) => [swatch: number, text: string][]} legend
 * @property {(target: Target) => string[]} columns  to choose from; [] where nothing is to be chosen
 * @property {(target: Target, i: number) => string} title  of a sample
 * @property {(target: Target, i: number, name: string, block: import("../messages.js").Block, texts: import("../view.js").Texts) => Element[]} answer
 *   what the model says of sample i, in a block of the frame; none for a block that it does not know
 */

/** @type {TargetView} of a target that says nothing to see, or whose view this version does not have */
const PLAIN = { swatch: () => 0, paint: (_, swatch, dark) => classes.paint(_, swatch, dark), legend: () => [], columns: () => [], title: () => "", answer: () => [] };

export const VIEWS = new Map(/** @type {[name: string, fetch: () => Promise<TargetView>][]} */ ([
  ["classes", async () => classes],
  ["labels", () => import("./labels.js")],
  ["scale", () => import("./scale.js")],
]));

/** @type {Map<string, TargetView>} */
const fetched = new Map([["classes", classes]]);
/** @type {WeakMap<object, { viewSet: unknown, data: unknown, target: Target }>} by live view */
const known = new WeakMap();

/** The module that shows a target; a plain one until it is fetched. @param {Target} target */
export const drawing = ({ view }) => fetched.get(view) ?? PLAIN;

/** Whose paints these are: the view's, or those of the plain one until it is fetched. @param {Target} target */
export const shows = ({ view }) => (fetched.has(view) ? view : "plain");

/**
 * The target of a live view's first run; null until its view set is known. Fetches what shows it, and draws again then.
 * @param {{ stream: { viewSet: import("../messages.js").ViewSet | null } | undefined, data: { titles?: Record<string, string> }, changed: (event: string) => void }} view
 * @returns {Target | null}
 */
export function targetOf(view) {
  const viewSet = view.stream?.viewSet, before = known.get(view);
  if (!viewSet) return null;
  if (before && before.viewSet === viewSet && before.data === view.data) return before.target;
  const target = read(viewSet, view.data.titles ?? {}, before?.target.column ?? 0);
  known.set(view, { viewSet, data: view.data, target });
  if (!fetched.has(target.view)) {
    VIEWS.get(target.view)?.().then((module) => (fetched.set(target.view, module), view.changed("target")));
  }
  return target;
}

/** @param {import("../messages.js").ViewSet} viewSet @param {Record<string, string>} titles @param {number} column @returns {Target} */
function read({ target, classes: names, labels: truth }, titles, column) {
  /** @type {import("../messages.js").ViewedTarget} */
  const own = target ?? { name: "class", view: "classes", names, truth }; // runs of before show the class
  const titled = (/** @type {string[] | undefined} */ texts) => (texts ?? []).map((text) => titles[text] ?? text);
  const shown = titled(own.names);
  return { view: own.view, names: shown, truth: own.truth ?? [], units: titled(own.units), range: own.range ?? [], column: column < shown.length ? column : 0 };
}
