// Which lines are stacked, on which axis each line is drawn, and which of them lies under a pointer. Pure: in what pixels
// an axis is drawn is the chart's to say.

import { sum } from './lines.js';

/** @typedef {import('./types.js').Line} Line */
/** @typedef {import('./types.js').Metric} Metric */
/** @typedef {import('./types.js').Scale} Scale */
/** @typedef {import('./state.js').Kind} Kind */
/** @typedef {{scale: Scale, share: boolean, lines: Line[]}} Axis `share`: of 100 %, not of the scale's own unit */
/**
 * @typedef {object} Pointer
 * @property {number} across how far it is across its bucket, from 0 to 1
 * @property {(axis: number, value: number) => number} far in pixels, from the height of that value
 * @property {(axis: number) => number} height what the axis has at that height
 */

/** A line that is no further from the pointer than so many pixels is meant, whatever stack lies behind it. */
const NEAR = 6;

/**
 * Which lines are stacked: those that add up, and no two that count the same calls or orders. A whole is none of them while
 * parts of it are shown; of two parts that may have something in common the first is.
 * @param {Line[]} lines @returns {Line[]}
 */
export function stackedOf(lines) {
  const adding = lines.filter((line) => !line.off && addsUp(line));
  const parts = adding.filter((line) => !adding.some((other) => alike(line, other) && isPart(other.metric, line.metric)));
  /** @type {Line[]} */
  const found = [];
  for (const line of parts) if (!found.some((other) => alike(line, other) && overlap(line.metric, other.metric))) found.push(line);
  return found;
}

/** Whether its buckets and groups add up. @param {Line} line */
export function addsUp(line) {
  return line.metric.additive && line.scale !== 'share';
}

/** Whether they may be of the same calls or orders: what is not broken down is of all groups. @param {Line} one @param {Line} other */
function alike(one, other) {
  return one.group === null || other.group === null || (one.group === other.group && one.rest === other.rest);
}

/** @param {Metric} part @param {Metric} whole */
function isPart({ part_of: above = [] }, whole) {
  return above.some(({ metric }) => metric === whole.name);
}

/** Of parts of two cuts through the nearest whole that they share, nobody knows what they have in common. @param {Metric} one @param {Metric} other */
function overlap({ part_of: above = [] }, { part_of: others = [] }) {
  const [nearest] = above.flatMap((mine) => others.filter(({ metric }) => metric === mine.metric).map((theirs) => ({ mine, theirs })));
  return nearest !== undefined && nearest.mine.by !== nearest.theirs.by;
}

/** @param {Kind} kind */
export function stacks(kind) {
  return kind === 'stack' || kind === 'share';
}

/** What is together 100 %. @param {Line[]} lines @param {Scale} scale */
export function stackedLines(lines, scale) {
  return stackedOf(lines).filter((line) => line.scale === scale);
}

/** Null where nothing is known or all are zero. @param {Line} line @param {Line[]} whole those stacked with it @param {number} index */
export function shareAt(line, whole, index) {
  const value = line.values[index];
  const all = sum(whole.map((one) => one.values[index]));
  return value === null || !all ? null : value / all;
}

/** One for each scale. Among shares, what is not stacked has one of its own. @param {Line[]} lines @param {Kind} kind @returns {Axis[]} */
export function axes(lines, kind) {
  /** @type {Axis[]} */
  const found = [];
  const stacked = stackedOf(lines);
  for (const line of lines.filter((one) => !one.off)) {
    const share = kind === 'share' && stacked.includes(line);
    const axis = found.find((one) => one.scale === line.scale && one.share === share);
    if (axis) axis.lines.push(line);
    else found.push({ scale: line.scale, share, lines: [line] });
  }
  return found;
}

/** @param {Line[]} lines @param {Kind} kind @param {number} index @param {Pointer} pointer @returns {Line|null} */
export function pointed(lines, kind, index, pointer) {
  const all = axes(lines, kind);
  const known = all.flatMap((axis) => axis.lines).filter((line) => line.values[index] !== null);
  const far = (/** @type {Line} */ line) => pointer.far(all.findIndex((axis) => axis.lines.includes(line)), Number(line.values[index]));
  const stacked = stackedOf(lines);
  const drawn = stacks(kind) ? known.filter((line) => !stacked.includes(line)) : known;
  const nearest = drawn.sort((a, b) => far(a) - far(b))[0] ?? null;
  if (nearest && (!stacks(kind) || far(nearest) <= NEAR)) return nearest;
  const stack = stackUnder(all, stacked, index, pointer);
  return part(stack.lines, index, stack.height) ?? nearest ?? stack.lines.at(-1) ?? null;
}

/** Stacks of several scales stand beside each other in a bucket. @param {Axis[]} all @param {Line[]} stacked @param {number} index @param {Pointer} pointer */
function stackUnder(all, stacked, index, { across, height }) {
  const beside = all.filter((axis) => axis.lines.some((line) => stacked.includes(line)));
  if (!beside.length) return { lines: [], height: 0 };
  const axis = beside[Math.max(0, Math.min(beside.length - 1, Math.floor(across * beside.length)))];
  const lines = axis.lines.filter((line) => stacked.includes(line) && line.values[index] !== null);
  const whole = lines.reduce((sum, line) => sum + Number(line.values[index]), 0);
  return { lines, height: height(all.indexOf(axis)) * (axis.share ? whole : 1) };
}

/** Null above all of them. @param {Line[]} lines from below @param {number} index @param {number} height */
function part(lines, index, height) {
  let below = 0;
  return lines.find((line) => (below += Number(line.values[index])) >= height) ?? null;
}
