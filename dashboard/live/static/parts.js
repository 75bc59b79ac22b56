// The information that the data hold, part by part in bits, and how much of it the run on the screen can use. Only data
// that know their truth have parts; with others the view takes no room.

import { component, element, note, say } from "./view.js";

export default component((root, view) => {
  const { texts } = view.data;
  root.classList.add("fus-parts");
  const table = root.appendChild(element("table", "fus-parttable"));
  let rows = [], known = null;
  return {
    draw: () => {
      const { probe } = view.stream ?? {};
      if (probe && probe !== known) rows = lay(table, probe, texts);
      known = probe;
      const values = view.stream?.frame()?.header.values ?? {};
      for (const { name, best, bar, value } of rows) {
        const accuracy = values[`test/accuracy/${name}`];
        bar.style.width = `${100 * reach(accuracy ?? 0.5)}%`;
        say(value, `${accuracy === undefined ? "–" : accuracy.toFixed(2)} / ${best.toFixed(2)}`);
        note(value, { part: name, accuracy: accuracy ?? "" });
      }
      root.hidden = !rows.length;
    },
  };
});

/** An accuracy of one bit between guessing and certainty: .5 is nothing, 1 is all. */
const reach = (accuracy) => Math.max(0, Math.min(1, 2 * accuracy - 1));

/** A row a part: its name, its bits, a bar with a mark at the best possible, both figures. */
function lay(table, { information = {}, bayes_parts: best = {} }, texts) {
  const names = Object.keys(information ?? {}).filter((name) => best?.[name] !== undefined);
  const head = element("tr"), heads = [texts.title, texts.bits, "", `${texts.accuracy} / ${texts.best}`];
  head.append(...heads.map((text) => element("th", "", text, { scope: "col" })));
  const rows = names.map((name) => {
    const track = element("span", "fus-track"), bar = element("span", "fus-barfill"), mark = element("span", "fus-mark", "", { title: texts.best });
    mark.style.left = `${100 * reach(best[name])}%`;
    track.append(bar, mark);
    const line = element("tr"), value = element("td", "fus-barvalue"), cell = element("td", "fus-partbar");
    cell.append(track);
    line.append(element("th", "", texts[name] ?? name, { scope: "row" }), element("td", "fus-bits", information[name].toFixed(2)), cell, value);
    return { name, best: best[name], bar, value, line };
  });
  table.replaceChildren(...(names.length ? [head, ...rows.map(({ line }) => line)] : []));
  return rows;
}
