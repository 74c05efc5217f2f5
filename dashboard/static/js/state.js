// What the chart shows, as it stands in the address. Pure: the same address always gives the same chart.

import { PRESETS, STEPS, formatWall, parseWall } from './range.js';

/** @typedef {import('./range.js').Step} Step */
/** @typedef {'service'|'gateway'|'number'|'source'|'state'} Dimension */
/** @typedef {'line'|'bar'|'stack'|'share'} Kind */
/** @typedef {'chart'|'heat'|'advert'|'quality'} View */
/** @typedef {{preset: string} | {from: number, to: number}} Range */
/**
 * @typedef {object} State
 * @property {View} view
 * @property {string[]} metrics
 * @property {Range} range
 * @property {Step|'auto'} step
 * @property {Dimension|'none'} by
 * @property {number} top
 * @property {'none'|'previous'|'year'} compare
 * @property {string} organisation empty: all of them
 * @property {Partial<Record<Dimension, string[]>>} filters
 * @property {Kind} kind
 * @property {string[]} off keys of series that are hidden
 * @property {boolean} values
 * @property {boolean} smooth
 */

export const MOST_METRICS = 8;
/** @type {Dimension[]} */
export const DIMENSIONS = ['service', 'gateway', 'number', 'source', 'state'];
/** @type {Kind[]} */
export const KINDS = ['line', 'bar', 'stack', 'share'];
export const COMPARISONS = /** @type {const} */ (['none', 'previous', 'year']);
export const TOPS = [3, 5, 8];
/** @type {View[]} */
const VIEWS = ['chart', 'heat', 'advert', 'quality'];

/** Whether it has a chart of lines, with a kind and a comparison. @param {View} view */
export function drawsLines(view) {
  return view === 'chart' || view === 'advert';
}

/** @returns {State} */
export function initial() {
  return {
    view: 'chart', metrics: ['calls', 'calls_answered', 'calls_missed'], range: { preset: '28d' }, step: 'auto', by: 'none', top: 5,
    compare: 'none', organisation: '', filters: {}, kind: 'line', off: [], values: false, smooth: false,
  };
}

/** What cannot be read is left at what it is without it. @param {string} search @returns {State} */
export function read(search) {
  const given = new URLSearchParams(search);
  const state = initial();
  const metrics = [...new Set((given.get('m') ?? '').split(',').filter((name) => /^[a-z0-9_]+$/.test(name)))];
  if (metrics.length) state.metrics = metrics.slice(0, MOST_METRICS);
  state.view = word(given.get('view'), VIEWS, state.view);
  state.range = readRange(given) ?? state.range;
  state.step = word(given.get('step'), [...STEPS, 'auto'], state.step);
  state.by = word(given.get('by'), DIMENSIONS, state.by);
  state.top = word(Number(given.get('top')), TOPS, state.top);
  state.compare = word(given.get('compare'), [...COMPARISONS], state.compare);
  state.kind = word(given.get('kind'), KINDS, state.kind);
  state.organisation = given.get('org') ?? '';
  for (const name of DIMENSIONS) if (given.has(name)) state.filters[name] = given.getAll(name);
  state.off = given.getAll('off');
  state.values = given.has('values');
  state.smooth = given.has('smooth');
  return state;
}

/** Only what differs from the beginning. @param {State} state */
export function write(state) {
  const plain = initial();
  const out = new URLSearchParams();
  if (state.view !== plain.view) out.set('view', state.view);
  if (state.metrics.join() !== plain.metrics.join()) out.set('m', state.metrics.join(','));
  writeRange(out, state.range);
  for (const name of /** @type {const} */ (['step', 'by', 'compare', 'kind'])) if (state[name] !== plain[name]) out.set(name, state[name]);
  if (state.top !== plain.top) out.set('top', String(state.top));
  if (state.organisation) out.set('org', state.organisation);
  for (const name of DIMENSIONS) for (const value of state.filters[name] ?? []) out.append(name, value);
  for (const key of state.off) out.append('off', key);
  if (state.values) out.set('values', '1');
  if (state.smooth) out.set('smooth', '1');
  const text = out.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/');
  return text ? `?${text}` : '';
}

/** @param {URLSearchParams} given @returns {Range|null} */
function readRange(given) {
  const preset = given.get('range');
  if (preset && PRESETS.includes(preset)) return { preset };
  const [from, to] = [parseWall(given.get('from') ?? ''), parseWall(given.get('to') ?? '')];
  return from !== null && to !== null && from < to ? { from, to } : null;
}

/** @param {URLSearchParams} out @param {Range} range */
function writeRange(out, range) {
  if ('from' in range) {
    out.set('from', formatWall(range.from));
    out.set('to', formatWall(range.to));
  } else if (range.preset !== '28d') out.set('range', range.preset);
}

/**
 * @template T
 * @param {any} given
 * @param {readonly T[]} words
 * @param {T} otherwise
 * @returns {T}
 */
function word(given, words, otherwise) {
  return words.includes(given) ? given : otherwise;
}
