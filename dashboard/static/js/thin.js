// Of more buckets than pixels: the points of each pixel that can be seen there. Pure.

/** @typedef {import('./types.js').Values} Values */
/** @typedef {[number, number|null]} Point a bucket and its value */

/** Whether there are more buckets than pixels: then a line is as thin as can be, for any other is a blot. @param {number} buckets @param {number} width */
export function crowded(buckets, width) {
  return buckets > width && width > 0;
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
