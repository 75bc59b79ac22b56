// A curve over the runs on the screen, which differ in the seed alone: what core/compare/bands.py makes of finished ones.

/**
 * The mean at every epoch with the lowest and the highest, over the runs whose records hold this metric there.
 * @param {import("./messages.js").MetricRecord[][]} runs
 * @param {string} key
 * @returns {import("./messages.js").CurvePoint[]}
 */
export function bandPoints(runs, key) {
  /** @type {Map<number, number[]>} */
  const byEpoch = new Map();
  for (const records of runs)
    for (const record of records) {
      if (!(key in record)) continue;
      const values = byEpoch.get(record.epoch);
      if (values) values.push(record[key]);
      else byEpoch.set(record.epoch, [record[key]]);
    }
  return [...byEpoch].sort(([a], [b]) => a - b).map(([epoch, values]) => ({
    epoch,
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    low: Math.min(...values),
    high: Math.max(...values),
  }));
}
