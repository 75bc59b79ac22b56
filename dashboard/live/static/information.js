// The information that the data hold, part by part in bits, and how much of it the run on the screen can use. Only data
// whose joint distribution is known have parts; with others the view takes no room.

import { component, element, setData, setText } from "./view.js";

/** @typedef {{ name: string, best: number, bar: HTMLElement, value: HTMLElement, line: HTMLElement }} PartRow */

export default component((root, view) => {
  const { texts } = view.data;
  root.classList.add("fus-information");
  const table = root.appendChild(element("table", "fus-parttable"));
  /** @type {PartRow[]} */
  let rows = [];
  /** @type {import("./messages.js").ViewSet | null | undefined} */
  let known;
  return {
    draw: () => {
      const { viewSet } = view.stream ?? {};
      if (viewSet && viewSet !== known) rows = lay(table, viewSet, texts, view.data.titles ?? {});
      known = viewSet;
      /** @type {Record<string, number | undefined>} */
      const values = view.stream?.frame()?.header.values ?? {};
      for (const { name, best, bar, value } of rows) {
        const accuracy = values[`test/accuracy/${name}`];
        bar.style.width = `${100 * reach(accuracy ?? 0.5)}%`;
        setText(value, `${accuracy === undefined ? "–" : accuracy.toFixed(2)} / ${best.toFixed(2)}`);
        setData(value, { part: name, accuracy: accuracy ?? "" });
      }
      root.hidden = !rows.length;
    },
  };
});

/**
 * An accuracy of one bit between guessing and certainty: .5 is nothing, 1 is all.
 * @param {number} accuracy
 */
const reach = (accuracy) => Math.max(0, Math.min(1, 2 * accuracy - 1));

/**
 * A cell with a part's bits; what it holds in other ways than its own stands beside them where it shows.
 * @param {number} own
 * @param {number} rest
 * @param {import("./view.js").Texts} texts
 */
function bits(own, rest, texts) {
  return rest < 0.005 ? element("td", "fus-bits", own.toFixed(2)) : element("td", "fus-bits", `${own.toFixed(2)} + ${rest.toFixed(2)}`, { title: texts.rest });
}

/**
 * A row per part: its name, its bits, a bar with a mark at the best possible, both numbers.
 * @param {HTMLTableElement} table
 * @param {import("./messages.js").ViewSet} viewSet
 * @param {import("./view.js").Texts} texts
 * @param {Record<string, string>} titles of parts
 * @returns {PartRow[]}
 */
function lay(table, viewSet, texts, titles) {
  const information = viewSet.information ?? {}, rest = viewSet.information_rest ?? {}, best = viewSet.bayes_parts ?? {};
  const source = viewSet.information_of ?? "clean", names = Object.keys(information).filter((name) => best[name] !== undefined);
  const head = element("tr"), heads = [texts.title, texts[`bits.${source}`] ?? "", `${texts.accuracy} / ${texts.best}`];
  const cells = heads.map((text) => element("th", "", text, { scope: "col" }));
  head.append(...cells);
  cells[1].colSpan = 2; // over the bar too
  cells[1].title = texts[`of.${source}`] ?? "";
  const rows = names.map((name) => {
    const track = element("span", "fus-track"), bar = element("span", "fus-barfill"), mark = element("span", "fus-mark", "", { title: texts.best });
    mark.style.left = `${100 * reach(best[name])}%`;
    track.append(bar, mark);
    const line = element("tr"), value = element("td", "fus-barvalue"), cell = element("td", "fus-partbar");
    cell.append(track);
    line.append(element("th", "", titles[name] ?? texts[name] ?? name, { scope: "row" }), bits(information[name], rest[name] ?? 0, texts), cell, value);
    return { name, best: best[name], bar, value, line };
  });
  table.replaceChildren(...(names.length ? [head, ...rows.map(({ line }) => line)] : []));
  return rows;
}
