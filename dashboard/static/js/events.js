// The strip below the chart: campaigns and incidents, each a button with its name, at its place in time.

import { fill, h } from './dom.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { rows, spanOf } from './marks.js';
import { DAY } from './range.js';

/** @typedef {import('./marks.js').Mark} Mark */
/** @typedef {import('./types.js').Annotation} Annotation */

const HEIGHT = 26;
const LETTER = 7.2;
const LEAST = 60;
const MOST = 190;

/** @param {Annotation} annotation */
export function when(annotation) {
  const { from, to } = spanOf(annotation);
  if (annotation.until !== null) return format.span(from, to);
  if (to > from) return t('since', { day: format.day(from) });
  return from % DAY === 0 ? format.day(from) : `${format.day(from)} ${format.clock(from)}`;
}

/**
 * @param {HTMLElement} strip @param {Mark[]} found @param {(bucket: number) => number} x @param {number} half of a bucket's width @param {number} room
 * @param {(owner: HTMLElement, annotation: Annotation) => void} opened
 */
export function events(strip, found, x, half, room, opened) {
  const sorted = [...found].sort((a, b) => a.from - b.from);
  const places = sorted.map((mark) => placeOf(mark, x, half, room));
  const at = rows(places);
  strip.hidden = found.length === 0;
  strip.style.height = `${HEIGHT * (Math.max(-1, ...at) + 1)}px`;
  fill(strip, ...sorted.map(({ annotation }, index) => {
    const name = `${t(`kind_of_${annotation.kind}`)}: ${annotation.title}, ${when(annotation)}`;
    const style = { left: `${places[index].left}px`, width: `${places[index].width}px`, top: `${at[index] * HEIGHT}px` };
    return h('button', { class: `event ${annotation.kind}`, style, title: name, 'aria-label': name, 'aria-haspopup': 'dialog', 'aria-expanded': 'false', data: { key: `event ${annotation.id}` }, onclick: (/** @type {Event} */ event) => opened(/** @type {HTMLElement} */ (event.currentTarget), annotation) }, annotation.title);
  }));
}

/** As wide as its time, or as its name where that is wider; never out of the strip. @param {Mark} mark @param {(bucket: number) => number} x @param {number} half @param {number} room */
function placeOf({ annotation, from, to }, x, half, room) {
  const [left, right] = [x(from) - half, x(to) + half];
  const width = Math.min(room, Math.max(right - left, Math.min(MOST, Math.max(LEAST, annotation.title.length * LETTER + 24))));
  return { left: Math.max(0, Math.min(left, room - width)), width };
}
