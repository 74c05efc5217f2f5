// Asks the API: the catalogue once, the chart when what it shows changes, the history, and anew while the range runs.

import { Problem, ask, cancelled } from './api.js';
import { t } from './i18n.js';
import { askable, question, questions, together, walls } from './lines.js';
import { loadAnnotations, loadSaved } from './noted.js';
import { inView, now, page } from './page.js';
import { DAY, after, floor, formatWall, parseWall } from './range.js';
import { loadSession } from './session.js';
import { write } from './state.js';

/** @typedef {import('./state.js').State} State */

const BUSY_AFTER_MS = 200;
const AGAIN_MS = [1_000, 2_000, 5_000];
/** How many questions in a row have failed. */
let failures = 0;

/** @param {Partial<State>} patch @param {import('./page.js').Part} [part] all that it changes: without asking anew */
export function change(patch, part) {
  page.state = { ...page.state, ...patch };
  const address = write(page.state);
  if (address !== location.search) history.pushState(null, '', location.pathname + address);
  if (part) page.redraw(part);
  else load();
}

export async function load({ quiet = false } = {}) {
  if (page.state.view === 'quality') return loadQuality(quiet);
  const { span, step } = inView();
  const effective = page.state.view === 'heat' ? 'hour' : step;
  const asked = page.state.view === 'heat' ? { ...page.state, by: /** @type {const} */ ('none'), compare: /** @type {const} */ ('none') } : page.state;
  const list = questions(asked, page.catalogue, span, effective);
  if (!quiet) page.redraw('controls');
  if (!list.length) {
    page.answer = null;
    answered();
    page.redraw('all');
    return;
  }
  const timer = quiet ? 0 : setTimeout(() => { page.busy = true; page.redraw('busy'); }, BUSY_AFTER_MS);
  try {
    const more = page.state.view === 'advert' ? extras(span, effective) : [];
    const found = await ask('chart', ...[...list, ...more].map((one) => `timeseries?${one}`));
    page.answer = together(found.slice(0, list.length), page.state.metrics);
    page.extra = more.length ? together(found.slice(list.length), []) : null;
    answered();
    const other = page.answer.meta.time_zone !== page.zone;
    page.zone = page.answer.meta.time_zone;
    if (other && 'preset' in page.state.range && inView().span.from !== span.from) return void load({ quiet });
  } catch (error) {
    if (cancelled(error)) return;
    failed(error);
  } finally {
    clearTimeout(timer);
  }
  page.busy = false;
  page.redraw(quiet ? 'answer' : 'all');
}

/** @param {boolean} quiet */
async function loadQuality(quiet) {
  const { span } = inView();
  const asked = new URLSearchParams({ from: formatWall(span.from), to: formatWall(span.to) });
  if (page.state.organisation) asked.set('organisation', page.state.organisation);
  if (!quiet) page.redraw('controls');
  try {
    [page.quality] = await ask('chart', `quality?${asked}`);
    answered();
  } catch (error) {
    if (cancelled(error)) return;
    failed(error);
  }
  page.redraw(quiet ? 'answer' : 'all');
}

/** The same without the breakdown, and how many may be new. @param {import('./range.js').Span} span @param {string} step */
function extras(span, step) {
  const [metric] = askable(page.state, page.catalogue);
  if (!metric) return [];
  const twin = page.catalogue.get(metric.name.replace(/^new_/, 'unknown_'));
  return [question(page.state, [metric, ...(twin && twin !== metric ? [twin] : [])], span, step, 'none')];
}

/** First by months over all that could be, then by days over what is. */
export async function loadHistory() {
  const metric = askable(page.state, page.catalogue)[0] ?? [...page.catalogue.values()][0];
  const additive = metric?.additive ? metric : page.catalogue.get('calls') ?? metric;
  const today = floor(now(), 'day');
  const plain = { ...page.state, compare: /** @type {const} */ ('none') };
  const ofYears = { from: Date.UTC(new Date(today).getUTCFullYear() - 12, 0), to: floor(today, 'month') + 31 * DAY };
  try {
    const [months] = await ask('history', `timeseries?${question(plain, [additive], { from: ofYears.from, to: after(ofYears.to - DAY, 'month') }, 'month', 'none')}`);
    const first = months.series[0]?.values.findIndex((/** @type {number|null} */ value) => value) ?? -1;
    if (first < 0) return;
    const start = parseWall(months.buckets[first]) ?? today;
    const [days] = await ask('history', `timeseries?${question(plain, [additive], { from: start, to: today + DAY }, 'day', 'none')}`);
    const at = days.series[0].values.findIndex((/** @type {number|null} */ value) => value);
    const wallsOf = walls(days);
    page.begun = wallsOf[Math.max(0, at)];
    page.past = { walls: wallsOf.slice(at), values: days.series[0].values.slice(at), whole: { from: page.begun, to: Math.max(today + DAY, page.begun + 2 * DAY) } };
    if ('preset' in page.state.range && page.state.range.preset === 'all') load({ quiet: true });
    else page.redraw('all');
  } catch (error) {
    if (cancelled(error)) return;
    page.past = null;
    page.redraw('controls');
  }
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
    await Promise.all([session, loadNames(), loadAnnotations(), loadSaved(), loadHistory()]);
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
  if (document.hidden || page.busy) return page.redraw('fresh');
  if (page.problem) return page.problem.passing ? void again({ quiet: true }) : undefined;
  if (page.catalogue.size && inView().span.to > now() - DAY) void load({ quiet: true });
}
