// From what the chart shows to the questions for the API, and from the answers to the lines of the chart. Pure.

import { language, has, t } from './i18n.js';
import { autoStep, comparedSpan, formatWall, parseWall, presetSpan, snap } from './range.js';

/** @typedef {import('./types.js').Metric} Metric */
/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Series} Series */
/** @typedef {import('./types.js').Line} Line */
/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').Dimension} Dimension */
/** @typedef {import('./range.js').Span} Span */
/** @typedef {Map<string, Metric>} Catalogue */

/** How many looks there are; beyond them they begin again. */
export const LOOKS = 9;
/** The look of everything else together. */
export const REST_LOOK = 8;

/**
 * The range as shown: snapped outwards to the step. The advert check counts the days of the campaign and no others: there
 * the API cuts the first and the last bucket.
 * @param {State} state @param {number} now @param {number|null} begun
 */
export function shown(state, now, begun) {
  const span = 'from' in state.range ? state.range : presetSpan(state.range.preset, now, begun);
  const step = state.step === 'auto' ? autoStep(span) : state.step;
  return { span: state.view === 'advert' ? span : snap(span, step), asked: span, step };
}

/** Metrics that can be asked with these filters. @param {State} state @param {Catalogue} catalogue */
export function askable(state, catalogue) {
  const filters = filtered(state);
  const known = state.metrics.flatMap((name) => catalogue.get(name) ?? []);
  return known.filter((metric) => filters.every((name) => metric.dimensions.includes(name)));
}

/** @param {State} state @returns {Dimension[]} */
function filtered(state) {
  return /** @type {Dimension[]} */ (Object.keys(state.filters)).filter((name) => state.filters[name]?.length);
}

/**
 * One question, or two where some metrics cannot be broken down: those are asked undivided.
 * @param {State} state @param {Catalogue} catalogue @param {Span} span @param {string} step
 * @returns {URLSearchParams[]}
 */
export function questions(state, catalogue, span, step) {
  const metrics = askable(state, catalogue);
  const divided = state.by === 'none' ? [] : metrics.filter((metric) => metric.dimensions.includes(state.by));
  const whole = metrics.filter((metric) => !divided.includes(metric));
  return [
    ...(divided.length ? [question(state, divided, span, step, state.by)] : []),
    ...(whole.length ? [question(state, whole, span, step, 'none')] : []),
  ];
}

/** What a file is asked with: metrics of which every line is hidden are left out. @param {State} state @param {Catalogue} catalogue @param {Span} span @param {string} step @param {Line[]} found */
export function files(state, catalogue, span, step, found) {
  const metrics = state.metrics.filter((name) => found.some((line) => line.metric.name === name && !line.off));
  return questions({ ...state, metrics }, catalogue, span, step);
}

/**
 * @param {Pick<State, 'compare'|'organisation'|'filters'|'top'>} state
 * @param {Metric[]} metrics @param {Span} span @param {string} step @param {string} by
 */
export function question(state, metrics, span, step, by) {
  const asked = new URLSearchParams(metrics.map((metric) => ['metric', metric.name]));
  asked.set('from', formatWall(span.from));
  asked.set('to', formatWall(span.to));
  asked.set('step', step);
  if (by !== 'none') {
    asked.set('by', by);
    asked.set('top', String(state.top));
  }
  if (state.compare !== 'none') asked.set('compare', state.compare);
  if (state.organisation) asked.set('organisation', state.organisation);
  for (const [name, values] of Object.entries(state.filters)) for (const value of values ?? []) asked.append(name, value);
  return asked;
}

/** @param {Answer[]} answers of the same range and step @param {string[]} order of metrics @returns {Answer} */
export function together(answers, order) {
  const series = answers.flatMap((answer) => answer.series);
  series.sort((a, b) => order.indexOf(a.metric) - order.indexOf(b.metric));
  const first = answers[0];
  const meta = answers.reduce((meta, answer) => ({
    ...meta,
    provisional_from: meta.provisional_from ?? answer.meta.provisional_from,
    currency: meta.currency ?? answer.meta.currency,
    levels: meta.levels ?? answer.meta.levels,
  }), first.meta);
  return { meta, buckets: first.buckets, series };
}

/**
 * @param {Answer} answer @param {State} state @param {Catalogue} catalogue
 * @param {Map<string, number>} looks by key, kept between answers so that a line keeps its colour; added to
 * @param {number|null} [begun] where the records begin
 * @returns {Line[]}
 */
export function lines(answer, state, catalogue, looks, begun = null) {
  const comparable = recorded(begun, pastOf(answer, state));
  const several = new Set(answer.series.map((series) => series.metric)).size > 1;
  const keys = answer.series.map(keyOf);
  for (const key of looks.keys()) if (!keys.includes(key)) looks.delete(key);
  return answer.series.flatMap((series, index) => {
    const metric = catalogue.get(series.metric);
    if (!metric) return [];
    const group = Object.values(series.group)[0] ?? null;
    const dimension = Object.keys(series.group)[0];
    const name = metric.label[language()];
    const own = group === null ? name : groupLabel(dimension, series);
    const key = keys[index];
    return [{
      key, metric, group, rest: series.rest, label: group === null ? name : several ? `${name} · ${own}` : own,
      full: group === null ? name : `${name} · ${own}`, scale: scaleOf(metric), values: series.values, total: series.total,
      comparison: series.comparison, comparable, look: look(key, series, looks), off: state.off.includes(key),
    }];
  });
}

/** @param {Series} series */
export function keyOf(series) {
  const group = Object.values(series.group)[0];
  return group === undefined ? series.metric : `${series.metric}|${series.rest ? '*' : group}`;
}

/** The range that an answer is compared with. @param {Answer} answer @param {State} state */
function pastOf({ meta }, state) {
  const [from, to] = [parseWall(meta.from), parseWall(meta.to)];
  return from === null || to === null ? null : comparedSpan({ from, to }, state.compare);
}

/**
 * Whether all of the range before has records: else what it lacks would be read as growth. One rule for pill, table and the
 * verdict on an advert.
 * @param {number|null} begun where the records begin @param {Span|null} past
 */
export function recorded(begun, past) {
  return begun === null || past === null || begun <= past.from;
}

/** @param {string} dimension @param {Series} series */
function groupLabel(dimension, series) {
  const value = series.group[dimension];
  if (series.rest) return t('rest');
  return valueLabel(dimension, value, series.label);
}

/** @param {string} dimension @param {string} value @param {string} label the API's */
export function valueLabel(dimension, value, label) {
  if (value === '') return t(`without_${dimension}`);
  return has(`${dimension}.${value}`) ? t(`${dimension}.${value}`) : label;
}

/** @param {Metric} metric @returns {import('./types.js').Scale} */
export function scaleOf(metric) {
  return metric.unit === 'ms' || metric.unit === 'money' || metric.unit === 'share' ? metric.unit : 'count';
}

/** @param {string} key @param {Series} series @param {Map<string, number>} looks */
function look(key, series, looks) {
  const kept = looks.get(key);
  if (kept !== undefined) return kept;
  const taken = new Set(looks.values());
  let free = 0;
  while (taken.has(free) && free < REST_LOOK) free += 1;
  const found = series.rest ? REST_LOOK : free === REST_LOOK ? looks.size % REST_LOOK : free;
  looks.set(key, found);
  return found;
}

/** From which bucket on not all is through yet. @param {Answer} answer @returns {number} the number of buckets, if all is */
export function running(answer) {
  return position(answer, answer.meta.partial_from);
}

/** @param {Answer} answer */
export function provisional(answer) {
  return position(answer, answer.meta.provisional_from);
}

/** @param {Answer} answer @param {string|null} from */
function position(answer, from) {
  const index = from === null ? -1 : answer.buckets.indexOf(from);
  return index === -1 ? answer.buckets.length : index;
}

/**
 * How much more or less than in the comparison: nothing, where that reaches back before the records. While the range runs,
 * only what can be compared is: its finished buckets, and only of metrics whose buckets add up.
 * @param {Line} line @param {number} finished how many buckets are
 * @returns {{now: number, before: number, part: boolean}|null}
 */
export function against(line, finished) {
  const { comparison } = line;
  if (!comparison || !line.comparable) return null;
  if (finished >= line.values.length) {
    return line.total === null || comparison.total === null ? null : { now: line.total, before: comparison.total, part: false };
  }
  if (!line.metric.additive) return null;
  const [now, before] = [sum(line.values.slice(0, finished)), sum(comparison.values.slice(0, finished))];
  return now === null || before === null ? null : { now, before, part: true };
}

/**
 * How a change is coloured: fewer missed calls are good news, and of talk time neither is.
 * @param {import('./types.js').Metric} metric @param {number} change
 */
export function tone({ better }, change) {
  if (!change || better === 'neither') return '';
  return (change > 0) === (better === 'more') ? 'better' : 'worse';
}

/** @param {(number|null)[]} values null, if none is known */
export function sum(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? known.reduce((all, value) => all + value, 0) : null;
}

/**
 * The list behind a point: its address without the page. Null for everything else together, which no filter says.
 * @param {Line} line @param {State} state @param {Answer} answer @param {number} index
 * @returns {{list: string, asked: URLSearchParams}|null}
 */
export function behind(line, state, answer, index) {
  if (line.rest) return null;
  const filters = line.group === null ? state.filters : { ...state.filters, [state.by]: [line.group] };
  const asked = new URLSearchParams({ metric: line.metric.name, from: answer.meta.from, to: answer.meta.to, step: answer.meta.step, bucket: named(answer, index) });
  if (state.organisation) asked.set('organisation', state.organisation);
  for (const [name, values] of Object.entries(filters)) for (const value of values ?? []) asked.append(name, value);
  return { list: line.metric.list, asked };
}

/**
 * A bucket as its list is asked for: by its wall clock, for the list may be of another zone (of what has no service it is in
 * the organisation's). Only of two buckets of one name the offset says which is meant.
 * @param {Answer} answer @param {number} index
 */
function named({ buckets }, index) {
  const wall = buckets[index].slice(0, '2026-03-01T00:00'.length);
  return buckets.filter((one) => one.startsWith(wall)).length > 1 ? buckets[index] : wall;
}

/** Where the first bucket with anything in it begins; null, if none has. @param {Answer} answer */
export function firstKnown(answer) {
  const at = answer.buckets.findIndex((_, index) => answer.series.some((one) => one.values[index]));
  return at === -1 ? null : walls(answer)[at];
}

/** @type {WeakMap<Answer, number[]>} */
const read = new WeakMap();

/** Read once: a year has 8,760 hours, and each click asks for them. @param {Answer} answer @returns {number[]} */
export function walls(answer) {
  const found = read.get(answer) ?? answer.buckets.map((bucket) => parseWall(bucket) ?? 0);
  read.set(answer, found);
  return found;
}
