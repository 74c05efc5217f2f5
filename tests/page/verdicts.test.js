// What the page says about an advert and about growth, without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { headline, spent } from '../../dashboard/static/js/advert.js';
import { speak } from '../../dashboard/static/js/i18n.js';
import { against, behind, firstKnown, lines, shown } from '../../dashboard/static/js/lines.js';
import { formatWall, parseWall } from '../../dashboard/static/js/range.js';
import { initial, read, write } from '../../dashboard/static/js/state.js';
import { READY, checkOf, checked, current, ofCampaign } from '../../dashboard/static/js/views.js';

const metric = (name, more = {}) => ({ name, unit: 'calls', group: 'calls', additive: true, better: 'more', dimensions: ['number', 'service'], empty: 0, label: { ru: name, en: name }, explanation: { ru: '', en: '' }, list: 'calls', ...more });
const CALLS = new Map([['calls', metric('calls')]]);
const answer = (values, comparison = null, days = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04']) => ({
  meta: { from: days[0], to: '2026-03-05', step: 'day' }, buckets: days.map((day) => `${day}T00:00+03:00`),
  series: [{ metric: 'calls', group: {}, rest: false, label: 'calls', unit: 'calls', values, total: values.reduce((all, one) => all + one, 0), comparison }],
});

test('the verdict on an advert speaks of new clients only where they are counted', () => {
  speak('en');
  const of = (name, more = {}) => headline(2_400, 2_140, metric(name, more));
  assert.equal(of('new_clients_organisation', { unit: 'clients' }), '12% more new clients: 2,400 against 2,140.');
  assert.equal(of('new_ordering_clients_service', { unit: 'clients' }), '12% more new clients: 2,400 against 2,140.');
  assert.equal(of('calls', { label: { en: 'Calls', ru: 'Звонки' } }), 'Calls: 12% more, 2,400 against 2,140.');
  assert.equal(of('wait_answered_avg', { unit: 'ms', label: { en: 'Wait', ru: 'Ожидание' } }), 'Wait: 12% more, 2.4 s against 2.1 s.');
  speak('ru');
  assert.match(headline(90, 100, metric('orders', { label: { en: 'Orders', ru: 'Заказы' } })), /^Заказы: меньше на 10.%, 90 против 100\.$/u);
  assert.match(headline(90, 0, metric('orders', { label: { en: 'Orders', ru: 'Заказы' } })), /^Заказы: 90; .*ничего не было\.$/u);
});

test('of two shares the verdict makes no percents', () => {
  speak('en');
  assert.equal(headline(0.9, 0.6, metric('answered_share', { unit: 'share', label: { en: 'Answered', ru: '' } })), 'Answered: 90%; before it was 60%.');
});

test('money is said in its currency', () => {
  speak('en');
  assert.match(headline(200_000, 100_000, metric('revenue', { unit: 'money', label: { en: 'Revenue', ru: '' } }), 'INR'), /₹2,000 against ₹1,000/u);
});

const campaign = { id: 'campaign/march', kind: 'campaign', title: 'Radio', from: '2026-03-02', until: '2026-03-30', organisation: 'o', service: 'comfort', gateways: [], spend: 1, currency: 'RUB', editable: false };

test('the check of a campaign is of new clients of its service in its days, whatever was shown before', () => {
  const before = { ...initial(), organisation: 'o', metrics: ['revenue', 'calls'], by: 'state', step: 'month', kind: 'share', off: ['calls'], filters: { source: ['app'] } };
  const state = { ...before, ...checkOf(campaign) };
  assert.deepEqual(state.metrics, ['new_clients_organisation']);
  assert.deepEqual(state.filters, { service: ['comfort'] });
  assert.equal(current(state), 'advert');
  assert.deepEqual(read(write(state)), state);
  assert.deepEqual(Object.values(ofCampaign({ ...campaign, service: null }).range).map(formatWall), ['2026-03-02', '2026-03-30']);
});

test('each ready view is known again by its address', () => {
  for (const { name, patch } of READY) assert.equal(current(read(write({ ...initial(), ...patch }))), name);
});

test('the days of a campaign are counted and no others, whatever the step', () => {
  for (const step of ['auto', 'day', 'week', 'month']) {
    const { span } = shown({ ...initial(), ...checkOf(campaign), step }, parseWall('2026-04-14'), null);
    assert.deepEqual(Object.values(span).map(formatWall), ['2026-03-02', '2026-03-30'], step);
  }
});

test('nothing is said to have grown against days before the records', () => {
  const state = { ...initial(), metrics: ['calls'], compare: 'previous' };
  const of = (begun) => lines(answer([10, 10, 10, 10], { values: [null, null, null, 10], total: 10 }), state, CALLS, new Map(), begun && parseWall(begun))[0];
  assert.equal(against(of('2026-02-27'), 4), null);
  assert.equal(of('2026-02-27').comparable, false);
  assert.deepEqual(['2026-02-25', null].map((begun) => against(of(begun), 4)?.before), [10, 10]);
});

test('the records begin with the first bucket that has anything', () => {
  assert.equal(firstKnown(answer([0, null, 2, 1])), parseWall('2026-03-03'));
  assert.equal(firstKnown(answer([0, null, 0])), null);
});

test('there is no list of everything else together', () => {
  const [line] = lines(answer([1, 1, 1, 1]), initial(), CALLS, new Map());
  assert.equal(behind({ ...line, rest: true }, initial(), answer([1, 1, 1, 1]), 0), null);
  assert.equal(behind(line, initial(), answer([1, 1, 1, 1]), 0)?.list, 'calls');
});

test('a bucket of a list is named by its wall clock, for the list may be of another zone; of two of one name by its offset', () => {
  const found = { ...answer([1, 1, 1]), buckets: ['2026-10-25T01:00+02:00', '2026-10-25T02:00+02:00', '2026-10-25T02:00+01:00'] };
  const [line] = lines(found, initial(), CALLS, new Map());
  assert.deepEqual([0, 1, 2].map((index) => behind(line, initial(), found, index)?.asked.get('bucket')), ['2026-10-25T01:00', '2026-10-25T02:00+02:00', '2026-10-25T02:00+01:00']);
});

test('what a campaign cost is said only of the growth of its own service in its own days', () => {
  const one = { ...campaign, spend: 100_000 };
  const all = [one, { ...one, id: 'more', spend: 200_000 }, { ...one, id: 'other', service: 'city' }, { ...one, id: 'later', until: '2026-04-06' }, { ...one, id: 'unknown', spend: null }];
  const of = (filters) => checked(all, ofCampaign(one).range, filters).map((found) => found.id);
  assert.deepEqual(of({ service: ['comfort'], gateway: [] }), [one.id, 'more', 'unknown']);
  for (const filters of [{}, { service: ['comfort', 'city'] }, { service: ['comfort'], gateway: ['pbx/GSM1'] }, { service: ['comfort'], number: ['+7495'] }]) assert.deepEqual(of(filters), [], JSON.stringify(filters));
  assert.deepEqual(checked([{ ...one, service: null }], ofCampaign(one).range, {}).length, 1);
  speak('en');
  const said = (campaigns, name, more) => spent(campaigns, metric(name), more)?.replaceAll('\u00a0', ' ');
  assert.equal(said(all.slice(0, 2), 'new_clients_service', 10), 'Spent ₽3,000: ₽300 per additional new client.');
  assert.equal(said(all.slice(0, 2), 'new_clients_service', -10), 'Spent ₽3,000.');
  assert.equal(said(all.slice(0, 2), 'orders', 10), 'Spent ₽3,000.');
  assert.equal(spent([], metric('new_clients_service'), 10), null);
});
