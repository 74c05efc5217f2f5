// Asks the API: the catalogue once, the chart when what it shows changes, and anew while the range runs; where the records of
// an organisation begin and what happened there, when it is another one or another day.

import { Problem, ask, cancel, cancelled } from './api.js';
import { t } from './i18n.js';
import { askable, firstKnown, question, questions, together, walls } from './lines.js';
import { annotationsMissing, loadAnnotations, loadSaved } from './noted.js';
import { inQuestion, inView, now, page } from './page.js';
import { DAY, HOUR, after, floor, formatWall, months, parseWall } from './range.js';
import { loadSession } from './session.js';
import { write } from './state.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./range.js').Span} Span */

const BUSY_AFTER_MS = 200;
const AGAIN_MS = [1_000, 2_000, 5_000];
const MOST_YEARS = 12;
/** The API answers with a million values at most, and not all of them are to be waited for. */
const MOST_VALUES = 1_000_000;
const MOST_GROUPS = 500;
/** How many questions in a row have failed. */
let failures = 0;
/** How many questions for what is shown are under way: meanwhile none is asked by itself, which would end them. */
let waiting = 0;
/** Whose records and events the page has, and up to which day. @type {{organisation: string, of: string, day: number}|null} */
let known = null;
/** Where the records begin: as the directory says, and where the first of them lies. @type {{declared: number|null, first: number|null}} */
let begins = { declared: null, first: null };
/** The range that was last asked for and answered. @type {Span|null} */
let range = null;
/** The address that the last step left. @type {string|null} */
let stepped = null;

/**
 * @param {Partial<State>} patch @param {import('./page.js').Part} [part] all that it changes: without asking anew
 * @param {boolean} [replace] what is shown now is none to come back to
 */
export function change(patch, part, replace = false) {
  page.state = { ...page.state, ...patch };
  const address = write(page.state);
  if (address !== location.search) history[replace ? 'replaceState' : 'pushState'](null, '', location.pathname + address);
  if (part) page.redraw(part);
  else void load();
}

/** One of many, as keys make them: a step that follows another takes its place in the history. @param {Partial<State>} patch */
export function step(patch) {
  change(patch, undefined, stepped === location.search);
  stepped = location.search;
}

export async function load({ quiet = false } = {}) {
  if (known) void surroundings();
  if (!quiet) page.redraw('controls');
  if (page.state.view === 'quality') return loadQuality(quiet);
  const asked = asking();
  if (!asked.list.length) return nothing();
  if (await underWay(quiet, () => take(asked))) draw(asked.span, quiet);
}

/** @param {boolean} quiet */
async function loadQuality(quiet) {
  const { span } = inView();
  const asked = new URLSearchParams({ from: formatWall(span.from), to: formatWall(span.to) });
  if (page.state.organisation) asked.set('organisation', page.state.organisation);
  const answer = async () => {
    [page.quality] = await ask('chart', `quality?${asked}`);
    page.zone = page.quality?.meta.time_zone ?? null;
  };
  if (await underWay(quiet, answer)) draw(span, quiet);
}

/** Nothing can be asked with these filters: what is under way would be an answer to something else. */
function nothing() {
  cancel('chart');
  range = null;
  Object.assign(page, { answer: null, asked: null, extra: null, groups: null, busy: false });
  answered();
  page.redraw('all');
}

/**
 * Waits for an answer, and says so if it takes a while.
 * @param {boolean} quiet @param {() => Promise<void>} answer @returns {Promise<boolean>} false, if a later question has come
 */
async function underWay(quiet, answer) {
  waiting += 1;
  const timer = quiet ? 0 : setTimeout(busy, BUSY_AFTER_MS);
  try {
    await answer();
    answered();
  } catch (error) {
    if (cancelled(error)) return false;
    failed(error);
  } finally {
    clearTimeout(timer);
    waiting -= 1;
    page.busy &&= waiting > 0;
  }
  return true;
}

function busy() {
  page.busy = true;
  page.redraw('busy');
}

/**
 * Unless the answer told where today is, or where the records begin: then another range is asked for.
 * @param {Span} asked @param {boolean} quiet
 */
function draw(asked, quiet) {
  if (!page.problem && !same(inView().span, asked)) return void load({ quiet });
  if (quiet && range && !same(range, asked)) page.redraw('controls'); // a day has begun
  range = asked;
  page.redraw(quiet ? 'answer' : 'all');
}

/** @param {Span} one @param {Span} other */
function same(one, other) {
  return one.from === other.from && one.to === other.to;
}

/** @typedef {import('./page.js').Asked & {list: URLSearchParams[], more: URLSearchParams[]}} Asking */

/** @returns {Asking} */
function asking() {
  const { state, span, step: length } = inQuestion();
  const list = questions(state, page.catalogue, span, length);
  return { state, span, list, more: state.view === 'advert' ? extras(span, length) : [] };
}

/** @param {Asking} asking */
async function take({ state, span, list, more }) {
  const found = await ask('chart', ...[...list, ...more].map((one) => `timeseries?${one}`));
  page.answer = together(found.slice(0, list.length), state.metrics);
  [page.extra = null, page.groups = null] = found.slice(list.length);
  page.asked = { state, span, at: Date.now() };
  page.zone = page.answer.meta.time_zone;
  beginning({ declared: parseWall(page.answer.meta.history_from ?? '') });
}

/**
 * The same without the breakdown, and how many may be new. Then by all of its groups: the one that gained most may be none
 * of the largest, which are the chart's.
 * @param {Span} span @param {import('./range.js').Step} length
 */
function extras(span, length) {
  const { state, catalogue } = page;
  const [metric] = askable(state, catalogue);
  if (!metric) return [];
  const twin = catalogue.get(metric.name.replace(/^new_/, 'unknown_'));
  const whole = question(state, [metric, ...(twin && twin !== metric ? [twin] : [])], span, length, 'none');
  const divided = metric.dimensions.includes(state.by);
  return [whole, ...(divided ? [question({ ...state, top: groupsOf(span, length) }, [metric], span, length, state.by)] : [])];
}

/** As many as can be asked for: in all but the longest ranges by the hour more than there are. @param {Span} span @param {import('./range.js').Step} length */
function groupsOf({ from, to }, length) {
  const buckets = (to - from) / (length === 'hour' ? HOUR : DAY);
  return Math.min(MOST_GROUPS, Math.floor(MOST_VALUES / (buckets + DAY / HOUR)) - 1);
}

/** What there is whatever is asked: where the records begin, all of them, what happened. Anew for others, and each day. */
async function surroundings() {
  const { organisation, filters } = page.state;
  const wanted = { organisation, of: JSON.stringify([organisation, filters.service ?? []]), day: floor(now(), 'day') };
  if (known?.of === wanted.of && known.day === wanted.day) return annotationsMissing() ? loadAnnotations() : undefined;
  if (known && known.of !== wanted.of) beginning({ declared: null, first: null });
  if (known && known.organisation !== organisation) page.annotations = [];
  known = wanted;
  await Promise.all([loadAnnotations(), loadHistory()]);
}

/** What the directory says goes before what is found. @param {Partial<typeof begins>} found */
function beginning(found) {
  begins = { ...begins, ...found };
  page.begun = begins.declared ?? begins.first;
}

/** Calls and orders, whatever the chart shows: first by months over all that could be, then by days over what is. */
async function loadHistory() {
  const today = floor(now(), 'day');
  try {
    const ofYears = await records({ from: months(today, -12 * MOST_YEARS), to: after(today, 'month') }, 'month');
    const start = firstKnown(ofYears);
    const ofDays = start === null ? null : await records({ from: start, to: today + DAY }, 'day');
    remember(ofDays, today);
  } catch (error) {
    if (cancelled(error)) return;
    if (known) known.day = NaN; // with the next answer once more
    page.past = null;
    page.redraw('controls');
  }
}

/** @param {Span} span @param {string} length @returns {Promise<import('./types.js').Answer>} */
async function records(span, length) {
  const metrics = ['calls', 'orders'].flatMap((name) => page.catalogue.get(name) ?? []);
  const { organisation, filters, top } = page.state;
  const plain = { compare: /** @type {const} */ ('none'), organisation, filters: { service: filters.service }, top };
  const [found] = await ask('history', `timeseries?${question(plain, metrics, span, length, 'none')}`);
  return found;
}

/** The strip is of the calls; of the orders, where there are no calls. @param {import('./types.js').Answer|null} found @param {number} today */
function remember(found, today) {
  const first = found && firstKnown(found);
  page.past = found && first !== null ? pastOf(found, first, today) : null;
  beginning({ first });
  if (!waiting && range && !same(inView().span, range)) void load({ quiet: true });
  else page.redraw('all');
}

/** @param {import('./types.js').Answer} found @param {number} first @param {number} today @returns {import('./page.js').Past} */
function pastOf(found, first, today) {
  const times = walls(found);
  const at = times.indexOf(first);
  const { values } = found.series.find((one) => one.total) ?? found.series[0];
  return { walls: times.slice(at), values: values.slice(at), whole: { from: first, to: Math.max(today + DAY, first + 2 * DAY) } };
}

let opened = false;

/** First the catalogue and the chart; names, campaigns and the history do not keep it waiting. */
export async function begin() {
  page.redraw('all');
  try {
    const session = loadSession().catch(() => undefined); // without it the chart is there, only nothing can be changed
    const [{ metrics }] = await ask('catalogue', 'metrics');
    for (const metric of metrics) page.catalogue.set(metric.name, metric);
    await load();
    await Promise.all([session, loadNames(), surroundings(), loadSaved()]);
  } catch (error) {
    if (cancelled(error)) return;
    failed(error);
    page.redraw('all');
  }
  if (page.problem?.passing) return;
  opened = true;
  const divided = ['source', 'state'].filter((name) => [...page.catalogue.values()].some((metric) => metric.dimensions.includes(name)));
  await Promise.all(divided.map((name) => ask(name, `dimensions/${name}`).then(([one]) => { page.dimensions[name] = one.values; page.redraw('controls'); }, () => undefined)));
  document.documentElement.dataset.opened = ''; // tests wait for it: all is there that comes by itself
}

async function loadNames() {
  const found = await ask('names', ...['organisation', 'service', 'gateway', 'number'].map((name) => `dimensions/${name}`));
  for (const one of found) page.dimensions[one.dimension] = one.values;
  page.redraw('head');
  page.redraw('controls');
  if (page.state.view === 'quality') page.redraw('answer');
}

/** Said; a server that is away is asked again soon, then with each `follow`. @param {unknown} error */
function failed(error) {
  page.problem = error instanceof Problem ? error : new Problem(t('unreachable'), 0);
  if (page.problem.passing && failures < AGAIN_MS.length) setTimeout(follow, AGAIN_MS[failures]);
  failures += 1;
}

function answered() {
  page.problem = null;
  failures = 0;
}

/** The same question once more; what could not be had when the page opened, too. */
export function again({ quiet = false } = {}) {
  return opened ? load({ quiet }) : begin();
}

/** A server that is away is asked on: it comes back, and nobody may be there to press a button. */
export function follow() {
  if (document.hidden || waiting) return page.redraw('fresh');
  if (page.problem) return page.problem.passing ? void again({ quiet: true }) : undefined;
  if (page.catalogue.size && inView().span.to > now() - DAY) void load({ quiet: true });
}
