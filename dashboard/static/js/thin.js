// Of more buckets than pixels: the points of each pixel that can be seen there. Pure.

/** @typedef {import('./types.js').Values} Values */
/** @typedef {[number, number|null]} Point a bucket and its value */

/** Whether there are more buckets than pixels: then a line is as thin as can be, for any other is a blot. @param {number} buckets @param {number} width */
export function crowded(buckets, width) {
  return buckets > width && width > 0;
}

/** @type {WeakMap<Values, {width: number, points: Point[], packed: Float64Array}>} */
const kept = new WeakMap();

/** Worked out once for each answer and width, since hiding a line draws the others again. @param {Values} values @param {number} width */
export function thinned(values, width) {
  const found = kept.get(values);
  if (found?.width === width) return found;
  const points = thin(values, width);
  const made = { width, points, packed: packed(points) };
  kept.set(values, made);
  return made;
}

/** As ECharts takes them without a copy of each point: x, y, x, y. @param {Point[]} points */
function packed(points) {
  const all = new Float64Array(points.length * 2);
  points.forEach(([index, value], at) => {
    all[at * 2] = index;
    all[at * 2 + 1] = value ?? NaN;
  });
  return all;
}

/**
 * The least and the greatest value of each pixel, in their order; what is not known for a pixel or longer stays a gap.
 * @param {Values} values @param {number} width
 * @returns {Point[]}
 */
export function thin(values, width) {
  if (!crowded(values.length, width)) return values.map((value, index) => [index, value]);
  const each = Math.ceil(values.length / width);
  /** @type {Point[]} */
  const points = [];
  let unknown = 0;
  for (let begin = 0; begin < values.length; begin += each) {
    const end = Math.min(begin + each, values.length);
    let [least, most] = [-1, -1];
    for (let index = begin; index < end; index += 1) {
      const value = values[index];
      if (value === null) {
        unknown += 1;
        continue;
      }
      if (unknown >= each) points.push([index - 1, null]);
      unknown = 0;
      if (least < 0 || value < Number(values[least])) least = index;
      if (most < 0 || value > Number(values[most])) most = index;
    }
    if (least < 0) continue;
    for (const index of least === most ? [least] : [Math.min(least, most), Math.max(least, most)]) points.push([index, values[index]]);
  }
  return points;
}
