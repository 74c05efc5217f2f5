// What the page asks and when, without a browser: the API is answered here, and what is drawn is only noted.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

/** @type {{path: string, answer: (body: object, status?: number) => void}[]} */
let asked = [];
const unanswered = (path) => asked.find((one) => one.path.startsWith(path) && !one.done);
const entries = [];
let address = '';

globalThis.location = { pathname: '/', origin: 'http://pulse', assign: () => undefined, get search() { return address; } };
globalThis.history = {
  pushState: (_, __, to) => { address = to.slice(1); entries.push(address); },
  replaceState: (_, __, to) => { address = to.slice(1); entries[entries.length - 1] = address; },
};
globalThis.document = { hidden: false, documentElement: { dataset: {} } };
globalThis.fetch = (path, options = {}) => new Promise((resolve, reject) => {
  const one = {
    path: path.replace('/api/v1/', ''), method: options.method ?? 'GET', token: options.headers?.['X-CSRF-Token'], done: false,
    answer: (body, status = 200) => { one.done = true; resolve({ ok: status < 400, status, statusText: '', json: async () => body }); },
  };
  options.signal?.addEventListener('abort', () => { one.done = true; reject(new DOMException('', 'AbortError')); });
  asked.push(one);
});

const { begin, change, follow, load, step } = await import('../../dashboard/static/js/asking.js');
const { allowChanges, send } = await import('../../dashboard/static/js/api.js');
const { page, shownLines } = await import('../../dashboard/static/js/page.js');
const { behind, lines } = await import('../../dashboard/static/js/lines.js');
const { lead } = await import('../../dashboard/static/js/advert.js');
const { initial } = await import('../../dashboard/static/js/state.js');

const metric = (name) => ({ name, unit: 'calls', group: 'calls', additive: true, better: 'more', dimensions: ['gateway', 'service'], empty: 0, label: { ru: name, en: name }, explanation: { ru: '', en: '' }, list: 'calls' });
const METRICS = ['calls', 'calls_answered', 'calls_missed', 'orders'].map(metric);
const later = setTimeout;
const settled = () => new Promise((resolve) => later(resolve));

/** As the API answers such a question: one call in each of these months or days. */
function timeseries(path, { history = null, days = ['2026-03-01', '2026-03-02'], values = [1, 1] } = {}) {
  const given = new URLSearchParams(path.split('?')[1]);
  const meta = { from: given.get('from'), to: given.get('to'), step: given.get('step'), time_zone: 'UTC', definitions: 1, read_from: 'calls_daily', partial_from: null, provisional_from: null, complete_until: '2026-03-10T00:00:00Z', history_from: history, currency: null, levels: null };
  const series = given.getAll('metric').map((name) => ({ metric: name, group: given.get('by') ? { [given.get('by')]: 'a' } : {}, rest: false, label: name, unit: 'calls', values, total: 2, comparison: null }));
  return { meta, buckets: days.map((day) => `${day}T00:00+00:00`), series };
}

/** The first unanswered question of this kind is answered. */
async function answer(path, body, status) {
  const one = unanswered(path);
  assert.ok(one, `asked ${path}: ${asked.map((each) => each.path).join('\n')}`);
  one.answer(typeof body === 'function' ? body(one.path) : body ?? timeseries(one.path), status);
  await settled();
}

/** Until nothing is asked any more. @param {Record<string, object>} [events] by organisation @param {object} [records] */
async function answerAll(events = {}, records = {}) {
  for (let one = unanswered(''); one; one = unanswered('')) {
    const organisation = new URLSearchParams(one.path.split('?')[1]).get('organisation') ?? '';
    if (one.path.startsWith('timeseries')) one.answer(timeseries(one.path, records[organisation]));
    else if (one.path.startsWith('annotations')) one.answer({ annotations: events[organisation] ?? [] });
    else if (one.path.startsWith('metrics')) one.answer({ metrics: METRICS });
    else if (one.path.startsWith('session')) one.answer({ user: { name: 'orlov' }, csrf: 'one', open: false });
    else if (one.path.startsWith('views')) one.answer({ views: [] });
    else one.answer({ dimension: one.path.split('/')[1], values: [] });
    await settled();
  }
}

let drawn = [];
const event = (title) => ({ id: title, kind: 'incident', title, from: '2026-03-01', until: null, organisation: null, service: null, gateways: [], spend: null, currency: null, editable: true });
const RECORDS = { a: { history: '2025-01-10' }, b: { days: ['2026-02-01', '2026-03-01'], values: [0, 1] } };
const EVENTS = { a: [event('a')], b: [event('b')] };
const FIXED = { from: Date.UTC(2026, 2, 1), to: Date.UTC(2026, 2, 3) };

beforeEach(async () => {
  page.redraw = (part) => drawn.push(part);
  page.state = { ...initial(), metrics: ['calls'], range: FIXED };
  await answerAll();
  if (!page.catalogue.size) void begin();
  else void load();
  await answerAll(EVENTS, RECORDS);
  [asked, drawn] = [[], []];
});

test('another organisation has its own records and events, however it is come to', async () => {
  change({ organisation: 'a' });
  await answerAll(EVENTS, RECORDS);
  assert.deepEqual([page.begun, page.annotations.map((one) => one.title)], [Date.UTC(2025, 0, 10), ['a']]);
  page.state = { ...page.state, organisation: 'b' }; // as by "back", or a saved view
  void load();
  assert.deepEqual([page.begun, page.annotations], [null, []]);
  await answerAll(EVENTS, RECORDS);
  assert.deepEqual([page.begun, page.annotations.map((one) => one.title)], [Date.UTC(2026, 2, 1), ['b']]);
  change({ organisation: 'none' });
  await answerAll(EVENTS, { none: { values: [0, 0] } });
  assert.deepEqual([page.begun, page.past, page.annotations], [null, null, []]);
});

test('where the records begin depends on no metric', async () => {
  change({ organisation: 'b', metrics: ['orders'] });
  const history = asked.filter((one) => one.path.includes('step=month')).map((one) => one.path);
  assert.equal(history.length, 1);
  assert.match(history[0], /metric=calls&metric=orders/u);
  await answerAll(EVENTS, RECORDS);
});

test('the records are asked for once as long as the organisation stays', async () => {
  change({ metrics: ['orders'] });
  await answerAll(EVENTS, RECORDS);
  assert.deepEqual(asked.map((one) => one.path.split('?')[0]), ['timeseries']);
});

test('events that could not be had are asked for once more with the next answer', async () => {
  change({ organisation: 'a' });
  await answer('annotations', { detail: 'it ends' }, 503);
  await answerAll(EVENTS, RECORDS);
  assert.deepEqual(page.annotations, []);
  change({ metrics: ['orders'] });
  await answerAll(EVENTS, RECORDS);
  assert.deepEqual(page.annotations.map((one) => one.title), ['a']);
});

test('what comes by itself never ends a question of somebody', async () => {
  change({ range: { preset: '7d' } });
  const under = asked.length;
  follow();
  assert.equal(asked.length, under);
  await answerAll(EVENTS, RECORDS);
  assert.equal(drawn.at(-1), 'all');
});

test('a slow question that another page ends leaves nothing waiting', async () => {
  globalThis.setTimeout = (ring) => ring(); // at once: it takes too long
  change({ step: 'week' });
  globalThis.setTimeout = later;
  assert.equal(page.busy, true);
  change({ view: 'quality' });
  await answer('quality', { meta: { time_zone: 'UTC' } });
  assert.equal(page.busy, false);
  change({ view: 'chart' });
  await answerAll(EVENTS, RECORDS);
});

test('where nothing can be asked the question before is ended, and its answer is not drawn', async () => {
  change({ step: 'week' });
  const late = unanswered('timeseries');
  change({ filters: { source: ['app'] } });
  assert.equal(late.done, true);
  await settled();
  assert.deepEqual([page.answer, page.asked, page.busy], [null, null, false]);
});

test('the list behind a point is that of the answer, whatever has been chosen since', async () => {
  change({ by: 'gateway' });
  await answerAll(EVENTS, RECORDS);
  change({ by: 'service', filters: { gateway: ['b'] } });
  const [line] = shownLines();
  const { asked: list } = behind(line, page.asked.state, page.answer, 0);
  assert.deepEqual(['gateway', 'service'].map((name) => list.getAll(name)), [['a'], []]);
  await answerAll(EVENTS, RECORDS);
});

test('a day that begins is shown in the range and in the strip too', async () => {
  change({ organisation: 'a', range: { preset: '7d' } });
  await answerAll(EVENTS, RECORDS);
  const { to } = page.past.whole;
  const today = Date.now;
  Date.now = () => today() + 24 * 3_600_000;
  drawn = [];
  follow();
  await answerAll(EVENTS, RECORDS);
  Date.now = today;
  assert.ok(drawn.includes('controls'));
  assert.equal(page.past.whole.to, to + 24 * 3_600_000);
});

test('steps by keys are one entry of the history', async () => {
  const before = entries.length;
  for (const days of [4, 5, 6]) step({ range: { ...FIXED, to: Date.UTC(2026, 2, days) } });
  assert.equal(entries.length, before + 1);
  change({ step: 'day' });
  step({ range: FIXED });
  assert.equal(entries.length, before + 3);
  await answerAll(EVENTS, RECORDS);
});

test('a change after a sign-in in another tab is sent once more, unless somebody else has signed in', async () => {
  allowChanges({ user: { name: 'orlov' }, csrf: 'old', open: false });
  const kept = send('POST', 'views', {});
  await answer('views', {}, 403);
  await answer('session', { user: { name: 'orlov' }, csrf: 'new', open: false });
  assert.equal(unanswered('views').token, 'new');
  await answer('views', { id: '1' });
  assert.deepEqual(await kept, { id: '1' });
  const refused = send('POST', 'views', {});
  refused.catch(() => undefined);
  await answer('views', {}, 403);
  await answer('session', { user: { name: 'vera' }, csrf: 'newer', open: false });
  await assert.rejects(refused, { status: 403 });
});

test('the check of an advert looks for the largest gain among all groups, where the chart has the largest ones', async () => {
  change({ filters: { service: ['city'] } });
  await answerAll(EVENTS, RECORDS);
  asked = [];
  change({ view: 'advert', by: 'gateway', top: 3, compare: 'previous' });
  const given = asked.map((one) => new URLSearchParams(one.path.split('?')[1])).filter((one) => one.has('metric'));
  assert.deepEqual(given.map((one) => [one.get('by'), one.get('top')]), [['gateway', '3'], [null, null], ['gateway', '500']]);
  for (const name of ['metric', 'from', 'to', 'step', 'compare', 'service']) assert.equal(new Set(given.map((one) => one.get(name))).size, 1, name);
  const series = (gateway, now, before) => ({ metric: 'calls', group: { gateway }, rest: false, label: gateway, unit: 'calls', values: [now, 0], total: now, comparison: { values: [before, 0], total: before } });
  await answer('timeseries?', (path) => ({ ...timeseries(path), series: [series('large', 1_005, 1_000)] }));
  await answer('timeseries?');
  await answer('timeseries?', (path) => ({ ...timeseries(path), series: [series('large', 1_005, 1_000), series('advertised', 100, 0)] }));
  await answerAll(EVENTS, RECORDS);
  assert.deepEqual(shownLines().map((line) => line.label), ['large']);
  const most = lead(lines(page.groups, page.state, page.catalogue, new Map()), 2);
  assert.deepEqual([most.line.label, most.by, page.extra.series.length], ['advertised', 100, 1]);
  for (const by of ['none', 'source']) {
    change({ by });
    await answerAll(EVENTS, RECORDS);
    assert.equal(page.groups, null, by);
  }
});

test('of a long range by the hour no more groups are asked for than the API answers', async () => {
  change({ view: 'advert', by: 'gateway', step: 'hour', range: { from: Date.UTC(2025, 0, 1), to: Date.UTC(2026, 1, 5) } });
  const tops = asked.flatMap((one) => /top=(\d+)/.exec(one.path)?.[1] ?? []).map(Number);
  assert.ok(tops[1] > 50 && (tops[1] + 1) * 400 * 24 <= 1_000_000, String(tops));
  await answerAll(EVENTS, RECORDS);
});
