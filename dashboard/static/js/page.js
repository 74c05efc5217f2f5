// What the page knows at this moment: what it shows, what was answered, and who is to draw when either changes.

import { wallOf } from './range.js';
import { lines, shown } from './lines.js';
import { read } from './state.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Metric} Metric */
/** @typedef {import('./types.js').Item} Item */
/** @typedef {{walls: number[], values: import('./types.js').Values, whole: import('./range.js').Span}} Past */
/** What an answer is of: what may have been changed since is not. @typedef {{state: State, span: import('./range.js').Span}} Asked */
/** With the moment in which it came. @typedef {Asked & {at: number}} Answered */
/** `answer`: what a new answer changes; not what may be open under a hand. @typedef {'all'|'answer'|'head'|'fresh'|'controls'|'busy'} Part */
/**
 * @typedef {object} Page
 * @property {State} state
 * @property {Map<string, Metric>} catalogue
 * @property {Record<string, Item[]>} dimensions
 * @property {Answer|null} answer
 * @property {Answered|null} asked the question of the answer
 * @property {import('./types.js').Session|null} session
 * @property {import('./types.js').Annotation[]} annotations
 * @property {import('./types.js').SavedView[]} saved
 * @property {import('./types.js').Quality|null} quality
 * @property {Answer|null} extra the same undivided, for the advert check
 * @property {Answer|null} groups and by all groups, where the chart has the largest
 * @property {string|null} zone
 * @property {number|null} begun where the records begin
 * @property {Past|null} past the organisation's calls, by days, for the strip below
 * @property {import('./api.js').Problem|null} problem
 * @property {boolean} busy said where an answer lets wait for itself
 * @property {'date'|'line'} tableBy
 * @property {Map<string, number>} looks
 * @property {(part: Part) => void} redraw
 */

/** @type {Page} */
export const page = {
  state: read(''), catalogue: new Map(), dimensions: {}, session: null, annotations: [], saved: [], quality: null, answer: null, asked: null, extra: null, groups: null, zone: null, begun: null, past: null, problem: null, busy: false, tableBy: 'date', looks: new Map(),
  redraw: () => undefined,
};

/** In the wall clock of the office. */
export function now() {
  return wallOf(Date.now(), page.zone ?? undefined);
}

/** The range and step that are shown, or are with another state. */
export function inView(state = page.state) {
  return shown(state, now(), page.begun);
}

/** What is asked for what is shown. The heat map is of hours, undivided and compared with nothing. @returns {Asked & {step: import('./range.js').Step}} */
export function inQuestion() {
  const { state } = page;
  const { span, step } = inView();
  return state.view === 'heat' ? { state: { ...state, by: 'none', compare: 'none' }, span, step: 'hour' } : { state, span, step };
}

/** Those of the services that are shown; each is of one organisation. */
export function shownAnnotations() {
  const { service = [] } = page.state.filters;
  return page.annotations.filter((one) => one.service === null || !service.length || service.includes(one.service));
}

/** Those of the answer, as it was asked; which are hidden needs no asking. */
export function shownLines() {
  if (!page.answer || !page.asked) return [];
  return lines(page.answer, { ...page.asked.state, off: page.state.off }, page.catalogue, page.looks, page.begun);
}

/** What a value is called; as it stands, where no list of the API has it. @param {string} dimension @param {string} value */
export function labelOf(dimension, value) {
  return page.dimensions[dimension]?.find((item) => item.value === value)?.label ?? value;
}
