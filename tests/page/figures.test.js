// What the chart, its panel and its table say of numbers and times: formats, shares, changes. Run by `pytest tests/page`.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as format from '../../dashboard/static/js/format.js';
import { speak } from '../../dashboard/static/js/i18n.js';
import { gained } from '../../dashboard/static/js/pills.js';
import { judged, parts, same, verdict } from '../../dashboard/static/js/quality.js';
import { HOUR, parseWall } from '../../dashboard/static/js/range.js';
import { average, option } from '../../dashboard/static/js/series.js';
import { pointed, stackedOf } from '../../dashboard/static/js/stacks.js';
import { byDate, byLine, differently, order } from '../../dashboard/static/js/table.js';
import { shareOf } from '../../dashboard/static/js/tooltip.js';

process.env.TZ = 'Asia/Yekaterinburg'; // a browser whose clock is neither the office's nor that of UTC

const at = (text) => parseWall(text);
const line = (key, scale, values, more = {}) => ({ key, metric: { name: key, unit: scale, additive: true, better: 'more' }, label: key, full: key, scale, values, total: null, comparison: null, look: 0, off: false, ...more });
const loose = (key, scale, values) => line(key, scale, values, { metric: { name: key, unit: scale, additive: false, better: 'more' } });
const picture = (lines, more = {}) => ({ lines, walls: [at('2026-03-01'), at('2026-03-02'), at('2026-03-03')], step: 'day', running: 3, provisional: 3, provisionally: '', marks: [], named: false, kind: 'line', values: false, smooth: false, width: 800, theme: { lines: Array(9).fill('#000'), text: '', faint: '', surface: '', hatch: '', font: '', campaign: '', incident: '' }, tick: String, short: (value) => `${value} of its unit`, percent: (share) => `${share * 100} %`, ...more });

test('hours keep their names after a moment was shown by the clock of the browser', () => {
  speak('en');
  assert.equal(format.dated('2026-03-02T00:00:00Z', null), '2 Mar 2026, 05:00');
  format.moment(new Date().toISOString(), null);
  assert.equal(format.clock(0), '00:00');
  assert.equal(format.bucket(at('2026-03-02') + 8 * HOUR, 'hour'), 'Mon 2 March, 08:00–09:00');
});

test('a moment of yesterday has its day, however few hours ago that was', () => {
  speak('en');
  const of = (instant) => format.moment(instant, 'Europe/Moscow', Date.parse('2026-03-02T06:00:00Z'));
  assert.deepEqual([of('2026-03-01T12:00:00Z'), of('2026-03-01T20:59:00Z'), of('2026-03-01T21:00:00Z')], ['1 Mar, 15:00', '1 Mar, 23:59', '00:00']);
});

test('100 % is an axis of whatever is stacked, and what is not stacked keeps its unit on another', () => {
  const lines = [line('revenue', 'money', [30, 30, 30]), line('tips', 'money', [10, 10, 10]), loose('price', 'money', [5, 5, 5])];
  const { yAxis, series } = option(picture(lines, { kind: 'share', values: true }));
  assert.deepEqual(yAxis.map((axis) => axis.max), [1, undefined]);
  assert.deepEqual(yAxis.map((axis) => axis.axisLabel.formatter(0.5)), ['50 %', '0.5 of its unit']);
  assert.deepEqual(series.map((one) => [one.type, one.yAxisIndex, one.data[0]]), [['bar', 0, 0.75], ['bar', 0, 0.25], ['line', 1, 5]]);
  assert.deepEqual(series.map((one) => one.label.formatter({ value: one.data[0] })), ['75 %', '25 %', '5 of its unit']);
});

test('the panel has the share of the bar, and none for what has no bar', () => {
  const lines = [line('calls', 'count', [1]), line('orders', 'count', [3]), line('hidden', 'count', [9], { off: true }), loose('callers', 'count', [4])];
  assert.deepEqual(lines.filter((one) => !one.off).map((one) => shareOf(one, lines, 0)), [0.25, 0.75, null]);
});

test('a press on a stack means the part under it, in its own stack, and a line only where that is', () => {
  const lines = [line('talk', 'ms', [500]), line('calls', 'count', [1]), line('orders', 'count', [3]), loose('callers', 'count', [2]), line('held', 'ms', [500])];
  const under = (kind, across, height, far) => pointed(lines, kind, 0, { across, far: () => far, height: () => height })?.key;
  assert.deepEqual([0.5, 1.5, 3.9].map((height) => under('stack', 0.9, height, 99)), ['calls', 'orders', 'orders']);
  assert.deepEqual([0.2, 0.3].map((height) => under('share', 0.9, height, 99)), ['calls', 'orders']);
  assert.deepEqual([400, 600].map((height) => under('stack', 0.1, height, 99)), ['talk', 'held']);
  assert.equal(under('stack', 0.9, 0.5, 3), 'callers');
  assert.equal(under('stack', 0.9, 5, 99), 'callers');
});

test('without stacks the line nearest to the press is meant', () => {
  const lines = [line('calls', 'count', [10]), line('talk', 'ms', [7]), line('off', 'count', [4], { off: true }), line('unknown', 'count', [null])];
  const pointer = { across: 0, far: (axis, value) => Math.abs(axis * 100 + value - 104), height: () => 0 };
  assert.equal(pointed(lines, 'line', 0, pointer)?.key, 'talk');
});

test('a verification is green only where nothing differs and nothing is left undecided', () => {
  speak('en');
  const of = (differences, undecided) => verdict({ rows: 5, differences, undecided });
  assert.deepEqual(of(0, 0), { light: 'good', said: same(5) });
  assert.deepEqual([of(0, 2).light, of(1, 0).light, of(1, 2).light], ['warn', 'bad', 'bad']);
  assert.match(of(0, 2).said, /^2 rows undecided/u);
  assert.match(of(1, 2).said, /^1 difference, 2 rows undecided/u);
});

test('a difference of shares is in percentage points, of anything else also relative', () => {
  const [share, count] = [loose('answered', 'share', []), line('calls', 'calls', [])];
  const said = (one, now, before) => differently(now - before, before, one, { currency: null }).replaceAll(/\s/gu, ' ');
  speak('en');
  assert.deepEqual([said(share, 0.3, 0.2), said(share, 0.185, 0.2), said(count, 30, 20)], ['+10 pp', '−1.5 pp', '+10 (+50%)']);
  assert.deepEqual([format.gain(0.3, 0.2, 'share'), format.gain(0.3, 0, 'share'), format.gain(30, 20, 'calls'), format.gain(3, 0, 'calls')], ['+10\u00a0pp', '+30\u00a0pp', '+50%', null]);
  speak('ru');
  assert.equal(said(share, 0.3, 0.2), '+10 п. п.');
});

test('smoothing leaves the running bucket out of finished ones, and as it is', () => {
  assert.deepEqual(average([100, 100, 100, 100, 2], 4), [100, 100, 100, 100, 2]);
  const drawn = option(picture([line('calls', 'count', [90, 110, 4])], { smooth: true, running: 2 })).series.map((one) => one.data);
  assert.deepEqual(drawn, [[100, 100, null], [null, 100, 4]]);
});

test('the table of series comes as the API has it and claims no order; sorted, what is not known is last either way', () => {
  const meta = { step: 'day', currency: null };
  const lines = [['Zeta', 3], ['Alpha', null], ['Mid', 7]].map(([name, total]) => line(name, 'count', [], { total }));
  const sheet = byLine(lines, meta, 0, []);
  const names = (by, down, most = 100) => order(sheet, by, down, most).map((index) => lines[index].full);
  assert.equal(sheet.sorted, false);
  assert.deepEqual(names(-1, false), ['Zeta', 'Alpha', 'Mid']);
  assert.deepEqual([names(0, false), names(0, true)], [['Alpha', 'Mid', 'Zeta'], ['Zeta', 'Mid', 'Alpha']]);
  assert.deepEqual([names(1, false), names(1, true), names(1, true, 1)], [['Zeta', 'Mid', 'Alpha'], ['Mid', 'Zeta', 'Alpha'], ['Mid']]);
});

test('the table of dates comes in their order, and of the first rows no others are made', () => {
  const sheet = byDate([line('calls', 'count', [1, 2, 3])], [at('2026-03-01'), at('2026-03-02'), at('2026-03-03')], { step: 'day', currency: null }, 3, 3);
  const unmade = { ...sheet, row: () => assert.fail('a row was made') };
  assert.deepEqual([order(unmade, 0, false, 2), order(sheet, 0, true, 2)], [[0, 1], [2, 1]]);
});

test('the running bucket is compared with no whole one, and sorted by the difference it comes last', () => {
  const days = [at('2026-03-01'), at('2026-03-02'), at('2026-03-03')];
  const calls = line('calls', 'count', [300, 320, 29], { comparison: { values: [310, 300, 340], total: 950 }, comparable: true });
  const sheet = byDate([calls], days, { step: 'day', currency: null }, 2, 3);
  assert.deepEqual([0, 1, 2].map((index) => sheet.row(index).sort().slice(1)), [[300, 310, -10], [320, 300, 20], [29, 340, null]]);
  assert.deepEqual([order(sheet, 3, false, 3), order(sheet, 3, true, 3)], [[0, 1, 2], [1, 0, 2]]);
  assert.deepEqual(sheet.total.sort().slice(1), [null, 950, 10]);
});

test('where no call or order ever came in that is a warning; that nothing is wrong is none', () => {
  speak('en');
  const meta = { complete_until: '2026-03-10T12:00:00Z', time_zone: 'UTC' };
  const found = (freshness) => parts({ meta, freshness, unmapped_gateways: [], unmapped_words: [], silent_gateways: [], no_number: { calls: [], orders: [] }, bridged: { total: 0, calls: [] }, foreign_currency: [], dead_letters: null, levels: null, verifications: [] });
  const lights = (freshness) => Object.fromEntries(found(freshness).map((part) => [part.name, judged(part)]));
  const empty = lights({ servers: [], organisations: [] });
  assert.deepEqual([empty.fresh_servers, empty.fresh_orders], Array(2).fill({ light: 'warn', said: 'nothing has come in yet' }));
  assert.deepEqual(empty.unmapped_gateways, { light: 'good', said: 'none' });
  const server = (last_call) => ({ server: 'pbx', last_call, observed_at: last_call });
  const of = (...calls) => lights({ servers: calls.map(server), organisations: [] }).fresh_servers.light;
  assert.deepEqual([of('2026-03-10T11:00:00Z'), of('2026-03-10T11:00:00Z', '2026-03-09T11:00:00Z')], ['good', 'warn']);
});

test('a pill has the change of a share in percentage points too, and a change from zero only of a share', () => {
  speak('en');
  assert.deepEqual([gained(0.6, 0.5, 'share'), gained(0.5, 0.6, 'share'), gained(0.1, 0, 'share')].map((text) => text.replace('\u00a0', ' ')), ['+10 pp', '−10 pp', '+10 pp']);
  assert.deepEqual([gained(60, 50, 'calls'), gained(40, 50, 'calls'), gained(50, 50, 'calls'), gained(5, 0, 'calls')], ['↑ 20%', '↓ 20%', '0%', null]);
});

/** As the API has it: what a metric is a part of, and by what, the nearest first. */
const PARTS = { calls_answered: ['calls by outcome'], calls_missed: ['calls by outcome'], calls_no_number: ['calls by phone'], contacts: ['calls by contact'], contacts_missed: ['contacts by outcome', 'calls by contact'], contacts_lost: ['contacts_missed by recovery', 'contacts by outcome', 'calls by contact'], contacts_recovered: ['contacts_missed by recovery', 'contacts by outcome', 'calls by contact'], contacts_demand: ['contacts by demand', 'calls by contact'] };
const parted = (name, values = [1], more = {}) => line(name, 'count', values, { group: null, metric: { name, unit: 'calls', additive: true, better: 'more', part_of: (PARTS[name] ?? []).map((one) => ({ metric: one.split(' by ')[0], by: one.split(' by ')[1] })) }, ...more });

test('nothing is stacked on its own parts or on anything that counts the same', () => {
  const stacked = (...names) => stackedOf(names.map((name) => parted(name))).map((one) => one.key);
  assert.deepEqual(stacked('calls', 'calls_answered', 'calls_missed'), ['calls_answered', 'calls_missed']);
  assert.deepEqual(stacked('contacts', 'contacts_missed', 'contacts_lost', 'contacts_recovered'), ['contacts_lost', 'contacts_recovered']);
  assert.deepEqual(stacked('calls', 'contacts_lost'), ['contacts_lost']);
  assert.deepEqual(stacked('calls_answered', 'calls_no_number', 'calls_missed'), ['calls_answered', 'calls_missed']);
  assert.deepEqual(stacked('contacts_lost', 'contacts_demand'), ['contacts_lost']);
  assert.deepEqual(stacked('calls', 'orders'), ['calls', 'orders']);
});

test('a whole is stacked where its parts are hidden, and groups beside each other count nothing twice', () => {
  assert.deepEqual(stackedOf([parted('calls'), parted('calls_missed', [1], { off: true })]).map((one) => one.key), ['calls']);
  const of = (name, group) => parted(name, [1], { key: `${name}|${group}`, group, rest: false });
  assert.deepEqual(stackedOf([of('calls', 'a'), of('calls', 'b'), of('calls_missed', 'b')]).map((one) => one.key), ['calls|a', 'calls_missed|b']);
  assert.deepEqual(stackedOf([of('calls', 'a'), parted('calls_missed')]).map((one) => one.key), ['calls_missed']);
});

test('calls are a line over their parts, whose shares are of the parts alone', () => {
  const lines = [parted('calls', [4, 4, 4]), parted('calls_answered', [3, 3, 3]), parted('calls_missed', [1, 1, 1])];
  const drawn = (kind) => option(picture(lines, { kind })).series.map((one) => [one.id, one.type, one.data[0], one.yAxisIndex]);
  assert.deepEqual(drawn('stack'), [['calls', 'line', 4, 0], ['calls_answered', 'bar', 3, 0], ['calls_missed', 'bar', 1, 0]]);
  assert.deepEqual(drawn('share'), [['calls', 'line', 4, 0], ['calls_answered', 'bar', 0.75, 1], ['calls_missed', 'bar', 0.25, 1]]);
  assert.deepEqual(lines.map((one) => shareOf(one, lines, 0)), [null, 0.75, 0.25]);
  const under = (height, far) => pointed(lines, 'stack', 0, { across: 0.5, far: () => far, height: () => height })?.key;
  assert.deepEqual([under(2, 99), under(3.5, 99), under(3.5, 3)], ['calls_answered', 'calls_missed', 'calls']);
  const shared = (across, height) => pointed(lines, 'share', 0, { across, far: () => 99, height: () => height })?.key;
  assert.deepEqual([shared(0.1, 0.5), shared(0.1, 0.9), shared(0.9, 0.5)], ['calls_answered', 'calls_missed', 'calls_answered']);
});
