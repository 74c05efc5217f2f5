// Where campaigns and incidents lie on the chart: from wall times to buckets, and to rows in which their names do not lie on
// each other. Pure.

import { after, parseWall } from './range.js';

/** @typedef {import('./types.js').Annotation} Annotation */
/** @typedef {{annotation: Annotation, from: number, to: number}} Mark first and last bucket, both inside */
/** @typedef {{left: number, width: number}} Place */

const ROWS = 3;

/** @param {string} text */
function wall(text) {
  const hour = parseWall(text);
  return hour ?? parseWall(text.slice(0, 10)) ?? 0;
}

/** Half-open; a moment ends where it begins, a campaign without an end goes on. @param {Annotation} annotation */
export function spanOf({ kind, from, until }) {
  if (until !== null) return { from: wall(from), to: wall(until) };
  return { from: wall(from), to: kind === 'campaign' ? Infinity : wall(from) };
}

/** Those that touch the range. @param {Annotation[]} annotations @param {number[]} walls @param {import('./range.js').Step} step @returns {Mark[]} */
export function marks(annotations, walls, step) {
  if (!walls.length) return [];
  const end = after(walls[walls.length - 1], step);
  return annotations.flatMap((annotation) => {
    const { from, to } = spanOf(annotation);
    if (from >= end || Math.max(to, from + 1) <= walls[0]) return [];
    return [{ annotation, from: bucketOf(walls, from), to: bucketOf(walls, Math.max(to - 1, from)) }];
  });
}

/** @param {number[]} walls @param {number} time */
function bucketOf(walls, time) {
  const next = walls.findIndex((one) => one > time);
  return next === -1 ? walls.length - 1 : Math.max(0, next - 1);
}

/** From the top row down the first that is free; where all are taken, the last. @param {Place[]} places by their left @returns {number[]} */
export function rows(places) {
  /** @type {number[]} */
  const ends = [];
  return places.map(({ left, width }) => {
    const free = ends.findIndex((end) => end <= left);
    const row = free !== -1 ? free : Math.min(ends.length, ROWS - 1);
    ends[row] = left + width + 4;
    return row;
  });
}
