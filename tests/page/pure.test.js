// The pure modules of the page, without a browser. Run by `pytest tests/page`, or `node --test tests/page`.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { headline, lead, possibly, refusal } from '../../dashboard/static/js/advert.js';
import { Problem } from '../../dashboard/static/js/api.js';
import { marks, rows, spanOf } from '../../dashboard/static/js/marks.js';
import * as format from '../../dashboard/static/js/format.js';
import { cells } from '../../dashboard/static/js/heat.js';
import { SIGN_IN, refusedAs } from '../../dashboard/static/js/i18n/sign-in.js';
import { WORDS, preferred, speak, t } from '../../dashboard/static/js/i18n.js';
import { landing } from '../../dashboard/static/js/landing.js';
import { against, files, askable, behind, lines, questions, shown, together, tone } from '../../dashboard/static/js/lines.js';
import { DAY, HOUR, autoStep, ceil, comparedSpan, floor, formatWall, moved, parseWall, presetSpan, snap, tooMany, wallOf } from '../../dashboard/static/js/range.js';
import { sentence } from '../../dashboard/static/js/problems.js';
import { same } from '../../dashboard/static/js/quality.js';
import { average, option, shares } from '../../dashboard/static/js/series.js';
import { initial, read, write } from '../../dashboard/static/js/state.js';
import { thin } from '../../dashboard/static/js/thin.js';
import { ticks } from '../../dashboard/static/js/ticks.js';

const at = (text) => parseWall(text);
const metric = (name, more = {}) => ({ name, unit: 'calls', group: 'calls', additive: true, better: 'more', dimensions: ['gateway', 'number', 'service'], empty: 0, label: { ru: name, en: name }, explanation: { ru: '', en: '' }, list: 'calls', ...more });
const catalogue = new Map([metric('calls'), metric('orders', { dimensions: ['service', 'source'] }), metric('wait', { unit: 'ms', additive: false })].map((one) => [one.name, one]));
const series = (name, values, more = {}) => ({ metric: name, group: {}, label: name, unit: 'calls', values, total: values.reduce((all, one) => all + (one ?? 0), 0), comparison: null, ...more });
const answer = (all, more = {}) => ({ meta: { from: '2026-03-01T00:00', to: '2026-03-04T00:00', step: 'day', time_zone: 'Europe/Moscow', definitions: 1, read_from: 'calls_daily', partial_from: null, provisional_from: null, complete_until: '2026-03-10T00:00:00Z', ...more }, buckets: ['2026-03-01T00:00+03:00', '2026-03-02T00:00+03:00', '2026-03-03T00:00+03:00'], series: all });
const made = (all, state = initial(), more = {}) => lines(answer(all, more), state, catalogue, new Map());

test('the whole state stands in the address, and comes back from it', () => {
  const state = {
    ...initial(), view: 'advert', metrics: ['calls', 'orders'], range: { from: at('2026-03-01'), to: at('2026-03-29T08:00') }, step: 'week', by: 'gateway', top: 8, compare: 'year',
    organisation: 'orbita & co', filters: { gateway: ['pbx-1/GSM1', 'pbx+2/GSM 1'], source: [''] }, kind: 'stack', off: ['calls|pbx-1/GSM1', 'calls|*'], values: true, smooth: true,
  };
  assert.deepEqual(read(write(state)), state);
  assert.equal(write(initial()), '');
});

test('what cannot be read in an address is left at its beginning', () => {
  assert.deepEqual(read('?m=<b>&range=never&from=2026-02-30&to=2026-03-01&step=second&top=4&kind=pie&compare=x&by=colour&view=x'), initial());
  assert.deepEqual(read('?from=2026-03-02&to=2026-03-01').range, { preset: '28d' });
});

test('a range is snapped outwards to its step, weeks from Monday', () => {
  const span = { from: at('2026-03-05T10:00'), to: at('2026-03-18T01:00') };
  const snapped = Object.fromEntries(['hour', 'day', 'week', 'month'].map((step) => [step, Object.values(snap(span, step)).map(formatWall)]));
  assert.deepEqual(snapped, { hour: ['2026-03-05T10:00', '2026-03-18T01:00'], day: ['2026-03-05', '2026-03-19'], week: ['2026-03-02', '2026-03-23'], month: ['2026-03-01', '2026-04-01'] });
  assert.equal(floor(at('2026-03-01'), 'week'), at('2026-02-23'));
  assert.equal(ceil(at('2026-03-02'), 'week'), at('2026-03-02'));
});

test('changing the step and back keeps the range asked for', () => {
  const state = { ...initial(), range: { from: at('2026-03-05'), to: at('2026-03-18') } };
  const by = (step) => shown({ ...state, step }, at('2026-04-01'), null).span;
  assert.deepEqual(Object.values(by('month')).map(formatWall), ['2026-03-01', '2026-04-01']);
  assert.deepEqual(by('day'), state.range);
});

test('auto takes the same step as the API', () => {
  const steps = [3, 4, 100, 101, 750, 751].map((days) => autoStep({ from: 0, to: days * DAY }));
  assert.deepEqual(steps, ['hour', 'day', 'day', 'week', 'week', 'month']);
});

test('hours over more than 400 days are too many, days are not', () => {
  assert.equal(tooMany({ from: 0, to: 400 * DAY }, 'hour'), false);
  assert.equal(tooMany({ from: 0, to: 401 * DAY }, 'hour'), true);
  assert.equal(tooMany({ from: 0, to: 4_000 * DAY }, 'day'), false);
});

test('moving by a whole month stays on months, any other range moves by its length', () => {
  const march = { from: at('2026-03-01'), to: at('2026-04-01') };
  assert.deepEqual(Object.values(moved(march, -1)).map(formatWall), ['2026-02-01', '2026-03-01']);
  assert.deepEqual(Object.values(moved({ from: at('2026-03-01'), to: at('2026-03-08') }, 1)).map(formatWall), ['2026-03-08', '2026-03-15']);
});

test('presets end with today, all time begins with the records', () => {
  const now = at('2026-04-14T12:00');
  const days = (preset) => Object.values(presetSpan(preset, now, at('2025-01-10'))).map(formatWall);
  assert.deepEqual(days('7d'), ['2026-04-08', '2026-04-15']);
  assert.deepEqual(days('last_month'), ['2026-03-01', '2026-04-01']);
  assert.deepEqual(days('year'), ['2026-01-01', '2027-01-01']);
  assert.deepEqual(days('all'), ['2025-01-10', '2026-04-15']);
});

test('today is the day of the office, not of the browser', () => {
  const instant = Date.UTC(2026, 2, 1, 22, 30);
  assert.equal(formatWall(floor(wallOf(instant, 'Europe/Moscow'), 'day')), '2026-03-02');
  assert.equal(formatWall(floor(wallOf(instant, 'America/New_York'), 'day')), '2026-03-01');
});

test('the comparison of a week or more lies whole weeks back, as in the API', () => {
  const back = (from, to, compare) => Object.values(comparedSpan({ from: at(from), to: at(to) }, compare)).map(formatWall);
  assert.deepEqual(back('2026-03-01', '2026-03-29', 'previous'), ['2026-02-01', '2026-03-01']);
  assert.deepEqual(back('2026-03-01', '2026-04-01', 'previous'), ['2026-01-25', '2026-02-25']);
  assert.deepEqual(back('2026-03-03', '2026-03-05', 'previous'), ['2026-03-01', '2026-03-03']);
  assert.deepEqual(back('2026-03-03', '2026-03-05', 'year'), ['2025-03-03', '2025-03-05']);
});

test('metrics that have no such dimension are asked undivided, or not at all with a filter', () => {
  const state = { ...initial(), metrics: ['calls', 'orders', 'gone'], by: 'source' };
  const asked = questions(state, catalogue, { from: 0, to: DAY }, 'day').map((one) => [one.getAll('metric').join(), one.get('by')]);
  assert.deepEqual(asked, [['orders', 'source'], ['calls', null]]);
  assert.deepEqual(askable({ ...state, filters: { source: ['app'] } }, catalogue).map((one) => one.name), ['orders']);
});

test('answers to several questions are one again, in the order of the metrics', () => {
  const found = together([answer([series('orders', [1, 2, 3])]), answer([series('calls', [4, 5, 6])], { currency: 'RUB' })], ['calls', 'orders']);
  assert.deepEqual(found.series.map((one) => one.metric), ['calls', 'orders']);
  assert.equal(found.meta.currency, 'RUB');
});

test('a line keeps its look while others come and go', () => {
  const looks = new Map();
  const of = (...groups) => lines(answer(groups.map((group) => series('calls', [1, 1, 1], { group: { gateway: group } }))), { ...initial(), by: 'gateway' }, catalogue, looks).map((line) => line.look);
  assert.deepEqual(of('a', 'b', 'c'), [0, 1, 2]);
  assert.deepEqual(of('c', 'd', 'a'), [2, 1, 0]);
});

test('the rest together is told from a source called other', () => {
  const state = { ...initial(), metrics: ['orders'], by: 'source' };
  const found = made([series('orders', [1, 1, 1], { group: { source: 'other' }, rest: false }), series('orders', [1, 1, 1], { group: { source: 'other' }, rest: true })], state);
  assert.deepEqual(found.map((line) => [line.key, line.rest]), [['orders|other', false], ['orders|*', true]]);
});

test('while the range runs only finished buckets are compared, and only of what adds up', () => {
  const comparison = { values: [10, 10, 10], total: 30 };
  const [calls, wait] = made([series('calls', [20, 20, 1], { comparison }), series('wait', [20, 20, 1], { comparison, unit: 'ms' })]);
  assert.deepEqual(against(calls, 2), { now: 40, before: 20, part: true });
  assert.deepEqual(against(calls, 3), { now: 41, before: 30, part: false });
  assert.equal(against(wait, 2), null);
});

test('a change is coloured by whether it is good news, not by its direction', () => {
  const [calls, missed, talk] = ['more', 'fewer', 'neither'].map((better) => metric('any', { better }));
  assert.deepEqual([1, 0, -1].map((change) => tone(calls, change)), ['better', '', 'worse']);
  assert.deepEqual([1, 0, -1].map((change) => tone(missed, change)), ['worse', '', 'better']);
  assert.deepEqual([1, 0, -1].map((change) => tone(talk, change)), ['', '', '']);
});

test('the list behind a point of a group has the group as its filter; everything else together has no list', () => {
  const state = { ...initial(), by: 'gateway', organisation: 'o', filters: { gateway: ['x/1', 'x/2'], service: ['city'] } };
  const all = [series('calls', [1, 2, 3], { group: { gateway: 'x/1' } }), series('calls', [1, 2, 3], { group: { gateway: 'other' }, rest: true })];
  const found = made(all, state);
  const { list, asked } = behind(found[0], state, answer(all), 1);
  assert.equal(list, 'calls');
  assert.deepEqual([asked.getAll('gateway'), asked.getAll('service'), asked.get('bucket'), asked.get('metric')], [['x/1'], ['city'], '2026-03-02T00:00', 'calls']);
  assert.equal(behind(found[1], state, answer(all), 1), null);
});

const picture = (found, more = {}) => ({ lines: found, walls: [at('2026-03-01'), at('2026-03-02'), at('2026-03-03')], step: 'day', running: 3, provisional: 3, provisionally: '', marks: [], named: false, kind: 'line', values: false, smooth: false, width: 800, theme: { lines: Array(9).fill('#000'), text: '', faint: '', surface: '', hatch: '', font: '', campaign: '', incident: '' }, tick: String, short: String, percent: String, ...more });
const data = (found, more) => Object.fromEntries(option(picture(found, more)).series.map((one) => [one.id, one.data]));

test('no data is a gap, zero is a point', () => {
  const found = made([series('calls', [0, null, 2])]);
  assert.deepEqual(data(found).calls, [0, null, 2]);
  assert.equal(option(picture(found)).series[0].connectNulls, false);
});

test('of more buckets than pixels each pixel keeps its least and its greatest, in their order', () => {
  assert.deepEqual(thin([3, 1, 9, 0, 5, 5], 2), [[1, 1], [2, 9], [3, 0], [4, 5]]);
  assert.deepEqual(thin([3, null, 0], 800), [[0, 3], [1, null], [2, 0]]);
});

test('a gap of a pixel or longer stays one wherever it begins, and zero is none', () => {
  assert.deepEqual(thin([4, 0, null, null, 0, 4], 3).map(([, value]) => value), [4, 0, null, 0, 4]);
  assert.deepEqual(thin([4, null, null, 2, null, 1], 3), [[0, 4], [2, null], [3, 2], [5, 1]]);
});

test('a point between gaps is a dot, for no line goes through it', () => {
  const long = Array.from({ length: 60 }, (_, index) => (index === 7 || index > 40 ? 1 : null));
  const marked = data(made([series('calls', long)]), { walls: long.map((_, index) => at('2026-03-01') + index * DAY), running: 60 })['calls marks'];
  assert.deepEqual(marked.flatMap((one) => (one.value ? [one.value] : [])), [[7, 1]]);
});

test('the running bucket is a dashed line of its own, tied to the last finished one', () => {
  assert.deepEqual(data(made([series('calls', [5, 6, 1])]), { running: 2 }), { calls: [5, 6, null], 'calls running': [null, 6, 1] });
});

test('metrics of another unit have an axis of their own', () => {
  const { yAxis, series: drawn } = option(picture(made([series('calls', [1, 1, 1]), series('wait', [1, 1, 1], { unit: 'ms' })])));
  assert.equal(yAxis.length, 2);
  assert.deepEqual(drawn.map((one) => one.yAxisIndex), [0, 1]);
});

test('on a phone the numbers of a third scale would leave no room for the lines', () => {
  const [line] = made([series('calls', [1, 1, 1])]);
  const found = ['count', 'ms', 'money'].map((scale) => ({ ...line, key: scale, scale }));
  const named = (/** @type {number} */ width) => option(picture(found, { width })).yAxis.map((axis) => axis.axisLabel.show);
  assert.deepEqual([named(800), named(366)], [[true, true, true], [true, true, false]]);
});

test('only what adds up is stacked; shares are of what is stacked', () => {
  const found = made([series('calls', [1, 0, null]), series('orders', [3, 0, 2]), series('wait', [9, 9, 9], { unit: 'ms' })]);
  assert.deepEqual(shares(found[0], found), [0.25, null, null]);
  assert.deepEqual(option(picture(found, { kind: 'stack' })).series.map((one) => one.type), ['bar', 'bar', 'line']);
});

test('smoothing leaves gaps where they are', () => {
  assert.deepEqual(average([2, null, 4]), [3, null, 3]);
});

test('labels under the axis lie on natural boundaries and have room', () => {
  const hours = Array.from({ length: 72 }, (_, index) => at('2026-03-01') + index * HOUR);
  const found = [...ticks(hours, 'hour', 12)];
  assert.deepEqual(found, [0, 6, 12, 18, 24, 30, 36, 42, 48, 54, 60, 66]);
  const year = Array.from({ length: 365 }, (_, index) => at('2026-01-01') + index * DAY);
  assert.deepEqual([...ticks(year, 'day', 12)].map((index) => new Date(year[index]).getUTCDate()), Array(12).fill(1));
});

test('an average hour counts only hours that are known', () => {
  const monday = at('2026-03-02T08:00');
  const week = cells([monday, monday + 7 * DAY, monday + 14 * DAY, monday + 21 * DAY], [4, null, 0, 99], 3);
  assert.deepEqual(week[0][8], { sum: 4, hours: 2 });
  assert.deepEqual(week[0][9], { sum: 0, hours: 0 });
});

const event = (from, until = null, more = {}) => ({ id: from, kind: 'incident', title: from, from, until, organisation: null, service: null, gateways: [], spend: null, currency: null, editable: true, ...more });

test('an event lies on the buckets that it touches, those outside of the range on none', () => {
  const days = [at('2026-03-01'), at('2026-03-02'), at('2026-03-03')];
  const of = (...events) => marks(events, days, 'day').map((mark) => [mark.from, mark.to]);
  assert.deepEqual(of(event('2026-03-02T08:00')), [[1, 1]]);
  assert.deepEqual(of(event('2026-02-20', '2026-03-03')), [[0, 1]]);
  assert.deepEqual(of(event('2026-03-02T23:00', '2026-03-03T01:00')), [[1, 2]]);
  assert.deepEqual(of(event('2026-02-20', '2026-03-01'), event('2026-03-04')), []);
});

test('a campaign without an end goes on, an incident without one is a moment', () => {
  assert.equal(spanOf(event('2026-03-01', null, { kind: 'campaign' })).to, Infinity);
  assert.equal(spanOf(event('2026-03-01')).to, at('2026-03-01'));
});

test('names of events that would lie on each other go to the next row', () => {
  assert.deepEqual(rows([{ left: 0, width: 100 }, { left: 50, width: 20 }, { left: 120, width: 10 }]), [0, 1, 0]);
});

test('a file is asked for with the metrics of which something is shown', () => {
  const state = { ...initial(), metrics: ['calls', 'orders'] };
  const found = lines(answer([series('calls', [1, 1, 1]), series('orders', [1, 1, 1])]), { ...state, off: ['orders'] }, catalogue, new Map());
  assert.deepEqual(files(state, catalogue, { from: 0, to: DAY }, 'day', found).map((one) => one.getAll('metric')), [['calls']]);
});

test('the advert check says how many more came, and which number gained most', () => {
  speak('ru');
  assert.match(headline(645, 318, metric('new_clients_organisation', { unit: 'clients' })), /больше на 103.%: 645 против 318/u);
  assert.match(headline(3, 0, metric('new_clients_organisation', { unit: 'clients' })), /не было ни одного/u);
  const compared = (group, values, before, rest = false) => series('calls', values, { group: { number: group }, label: group, rest, comparison: { values: before, total: before.reduce((a, b) => a + b) } });
  const found = made([compared('+7495', [9, 9, 9], [1, 1, 1]), compared('', [99, 99, 99], [0, 0, 0]), compared('other', [99, 99, 99], [0, 0, 0], true)], { ...initial(), by: 'number' });
  assert.deepEqual([lead(found, 3).line.label, lead(found, 3).by], ['+7495', 24]);
});

test('the advert check refuses where the records begin within the days that it would compare with', () => {
  speak('en');
  const [past, span] = [{ from: at('2026-02-02'), to: at('2026-03-02') }, { from: at('2026-03-02'), to: at('2026-03-30') }];
  const of = (begun) => refusal({ begun: begun && at(begun), span, past });
  assert.deepEqual([of(null), of('2025-12-01'), of('2026-02-02')], [null, null, null]);
  assert.equal(of('2026-02-20'), 'Cannot be compared: the days before begin on 2 Feb 2026, but records only on 20 Feb 2026.');
  assert.equal(of('2026-03-05'), 'Nothing to compare with: records begin on 5 Mar 2026.');
});

test('the advert check names the possibly new clients of both times, where there are any', () => {
  speak('en');
  const of = (during, before) => possibly(made([series('calls', during, { comparison: { values: before, total: before[0] + before[1] + before[2] } })])[0], 3);
  assert.match(of([1, 1, 1], [20, 10, 10]), /During the campaign: 3 · Before it: 40/u);
  assert.match(of([0, 0, 0], [20, 10, 10]), /\(Before it: 40\)/u);
  assert.equal(of([0, 0, 0], [0, 0, 0]), null);
  assert.equal(possibly(null, 3), null);
});

test('durations, money and missing values read as people write them', () => {
  speak('en');
  assert.deepEqual([8_400, 65_000, 12_000_000].map(format.duration), ['8.4 s', '1:05 min', '3 h 20 min']);
  assert.equal(format.value(null, 'calls'), '–');
  speak('ru');
  assert.equal(format.value(361_416_900, 'money', 'RUB').replaceAll(/\s/gu, ' '), '3 614 169 ₽');
});

test('money has the minor units of its currency, and a price in a list shows them where there are any', () => {
  speak('en');
  const plain = (text) => text.replaceAll(/\s/gu, ' ');
  assert.deepEqual([['RUB', 123_456], ['JPY', 1_235], ['KWD', 1_234_560], ['HUF', 123_456]].map(([currency, minor]) => plain(format.value(minor, 'money', currency)).replaceAll(/[^\d,.]/g, '')), ['1,235', '1,235', '1,235', '1,235']);
  assert.deepEqual([['USD', 35_000], ['USD', 35_050], ['JPY', 350], ['KWD', 3_500], ['KWD', 3_505]].map(([currency, minor]) => plain(format.price(minor, currency)).replaceAll(/[^\d,.]/g, '')), ['350', '350.50', '350', '3.500', '3.505']);
  assert.equal(format.short(1_500, 'money', 'JPY'), '1,500 ¥');
});

test('a verification without differences says how many rows it had only to whom that is told', () => {
  speak('en');
  assert.deepEqual([same(12_000), same(null)], ['no differences, 12,000 rows', 'no differences']);
});

test('Russian unless the person reads something else first', () => {
  assert.deepEqual([[], ['ru-RU'], ['en-GB', 'ru'], ['de']].map(preferred), ['ru', 'ru', 'en', 'en']);
});

test('both languages have the same words, with the same gaps, and every word that the page says', () => {
  assert.deepEqual(Object.keys(WORDS.ru).sort(), Object.keys(WORDS.en).sort());
  const gaps = (wording) => [...new Set(JSON.stringify(wording).match(/\{\w+\}/g) ?? [])].sort();
  for (const key of Object.keys(WORDS.ru)) assert.deepEqual(gaps(WORDS.ru[key]), gaps(WORDS.en[key]), key);
  const folder = new URL('../../dashboard/static/js/', import.meta.url);
  const said = readdirSync(folder).filter((name) => name.endsWith('.js')).flatMap((name) => [...readFileSync(new URL(name, folder), 'utf8').matchAll(/\bt\('([^']+)'/g)].map((found) => found[1]));
  assert.deepEqual([...new Set(said)].filter((key) => !(key in WORDS.ru)), []);
  assert.ok(said.length > 80);
});

test('numbers in words follow the language', () => {
  speak('ru');
  assert.deepEqual([1, 3, 5, 21].map((n) => t('list_count', { n })), ['1 строка', '3 строки', '5 строк', '21 строка']);
});

test('signing in leads to an address of this server only, whatever was asked for', () => {
  const origin = 'https://pulse.test';
  const to = (asked, hash) => landing(asked, origin, hash);
  assert.equal(to('/?m=calls', '#table'), `${origin}/?m=calls#table`);
  assert.equal(to('/?m=calls#chart', '#table'), `${origin}/?m=calls#chart`);
  assert.equal(to(null), `${origin}/`);
  assert.equal(to('/.//evil.com'), `${origin}//evil.com`);
  for (const elsewhere of ['//evil.com', 'https://evil.com/', 'https://pulse.test.evil.com/', '/\\evil.com', 'javascript:alert(1)', `blob:${origin}/1`, 'https://[', '//']) assert.equal(to(elsewhere), '/', elsewhere);
});

test('a refused sign-in says what it was refused for, in both languages', () => {
  assert.deepEqual([401, 422, 403, 429, 500, 503].map(refusedAs), ['wrong', 'wrong', 'proxy', 'often', 'away', 'away']);
  assert.deepEqual(Object.keys(SIGN_IN.ru), Object.keys(SIGN_IN.en));
  for (const words of Object.values(SIGN_IN)) assert.match(words.proxy, /Host.*X-Forwarded-Proto/u);
});

test('a server that is away is asked again, one that refuses is not', () => {
  assert.deepEqual([0, 502, 503, 504, 422, 429, 500].map((status) => new Problem('', status).passing), [true, true, true, true, false, false, false]);
});

test('what the API refuses is said in the language chosen, by its status', () => {
  speak('ru');
  const said = [413, 422, 429, 503, 404].map((status) => sentence(new Problem('in English', status)));
  assert.equal(new Set(said).size, 5);
  for (const one of said) assert.match(one, /^[А-Я][^A-Za-z]+$/u);
  assert.match(said[4], /404/u);
  assert.deepEqual([new TypeError('failed'), new Problem('', 0)].map(sentence), [t('unreachable'), t('unreachable')]);
});
