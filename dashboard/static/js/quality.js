// The quality page: how far the numbers can be trusted, and what is to be put right. Only what the API says is shown; what
// is as it should be says so in one line.

import { fill, h } from './dom.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { valueLabel } from './lines.js';
import { page } from './page.js';
import { HOUR, parseWall } from './range.js';

/** @typedef {import('./types.js').Quality} Quality */
/** @typedef {Record<string, any>} Row */
/** @typedef {[name: string, cell: (row: Row) => string]} Column */
/** @typedef {{name: string, rows: Row[], columns: Column[], count?: number, fine?: boolean}} Part `fine`: what is listed is no fault */

const LATE_MS = 24 * HOUR;
const FIRST = 12;

/** @param {HTMLElement} place @param {Quality} found */
export function quality(place, found) {
  const open = [...place.querySelectorAll('details[open]')].map((one) => /** @type {HTMLElement} */ (one).dataset.key);
  fill(place, h('div', { class: 'quality' }, h('h2', {}, t('quality')), h('p', { class: 'hint' }, t('quality_hint')), verified(found), levels(found),
    ...parts(found).map((part) => card(part, open.includes(part.name)))));
}

/** @param {Quality} found @returns {Part[]} */
function parts(found) {
  const { freshness, no_number: without, bridged, dead_letters: letters } = found;
  return [
    { name: 'fresh_servers', fine: freshness.servers.every((one) => !late(one.last_call, found)), rows: freshness.servers, columns: [['server', (row) => row.server], ['last_call', (row) => moment(row.last_call)], ['observed', (row) => moment(row.observed_at)]] },
    { name: 'fresh_orders', fine: freshness.organisations.every((one) => !late(one.last_order, found)), rows: freshness.organisations, columns: [['organisation', (row) => named('organisation', row.organisation)], ['last_order', (row) => moment(row.last_order)], ['observed', (row) => moment(row.observed_at)]] },
    { name: 'unmapped_gateways', rows: found.unmapped_gateways, columns: [['gateway', (row) => row.gateway], ['calls', count('calls')], ['first_call', (row) => moment(row.first_call)], ['last_call', (row) => moment(row.last_call)]] },
    { name: 'unmapped_words', rows: found.unmapped_words, columns: [['kind', (row) => t(row.kind === 'organisation' ? 'organisation' : `by_${row.kind}`)], ['word', (row) => row.word || '“”'], ['organisation', (row) => named('organisation', row.organisation)], ['orders', count('orders')]] },
    { name: 'silent_gateways', rows: found.silent_gateways, columns: [['gateway', (row) => named('gateway', row.gateway)], ['service', (row) => named('service', row.service)], ['last_day', (row) => day(row.last_call)], ['days', count('days')]] },
    { name: 'no_number_calls', rows: without.calls.filter((row) => row.no_number), columns: [['gateway', (row) => named('gateway', row.gateway)], ['service', (row) => named('service', row.service)], ['no_number', count('no_number')], ['calls', count('calls')], ['share', (row) => format.percent(row.no_number / row.calls)]] },
    { name: 'no_number_orders', rows: without.orders.filter((row) => row.no_number), columns: [['source', (row) => valueLabel('source', row.source, row.source)], ['service', (row) => named('service', row.service)], ['no_number', count('no_number')], ['orders', count('orders')], ['share', (row) => format.percent(row.no_number / row.orders)]] },
    { name: 'bridged', count: bridged.total, rows: bridged.calls, columns: [['time', (row) => moment(row.time)], ['gateway', (row) => row.gateway], ['counted_for', (row) => named('organisation', row.organisation)], ['leads_to', (row) => row.organisations.map((/** @type {string} */ one) => named('organisation', one)).join(', ')]] },
    { name: 'foreign_currency', rows: found.foreign_currency, columns: [['organisation', (row) => named('organisation', row.organisation)], ['currency', (row) => row.currency], ['orders', count('orders')], ['sum', (row) => format.value(row.price, 'money', row.currency)]] },
    ...(letters ? [{ name: 'dead_letters', count: letters.kinds.reduce((all, row) => all + row.letters - row.replayed, 0), rows: letters.kinds, columns: /** @type {Column[]} */ ([['reason', (row) => t(`reason_${row.reason}`)], ['topic', (row) => row.topic], ['letters', count('letters')], ['replayed', count('replayed')]]) }] : []),
  ];
}

/** @param {string} name @returns {(row: Row) => string} */
function count(name) {
  return (row) => format.value(row[name], 'calls');
}

/** @param {Part} part @param {boolean} open */
function card({ name, rows, columns, count: total, fine = false }, open) {
  const many = total ?? rows.length;
  const good = fine || many === 0;
  const title = [h('span', { class: good ? 'light good' : 'light warn', 'aria-hidden': 'true' }), h('b', {}, t(`quality_${name}`)), h('span', { class: 'count' }, many === 0 ? t('quality_none') : fine ? t('quality_fine') : format.value(many, 'calls'))];
  if (!rows.length) return h('div', { class: 'check' }, h('p', { class: 'title' }, ...title));
  return h('details', { class: 'check', open: open || !good, data: { key: name } }, h('summary', { class: 'title' }, ...title),
    h('p', { class: 'hint' }, t(`quality_${name}_hint`)), table(rows, columns, t(`quality_${name}`)));
}

/** @param {Row[]} rows @param {Column[]} columns @param {string} caption */
function table(rows, columns, caption) {
  const part = (/** @type {Row[]} */ some) => some.map((row) => h('tr', {}, ...columns.map(([, cell]) => h('td', {}, cell(row)))));
  const body = h('tbody', {}, ...part(rows.slice(0, FIRST)));
  const more = rows.length > FIRST && h('button', { class: 'quiet', onclick: () => { body.append(...part(rows.slice(FIRST))); if (more) more.remove(); } }, t('all_rows', { n: rows.length }));
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption }, h('table', { class: 'listing' }, h('caption', { class: 'unseen' }, caption),
    h('thead', {}, h('tr', {}, ...columns.map(([name]) => h('th', { scope: 'col' }, t(`column_${name}`))))), body), more);
}

/** @param {Quality} found */
function verified({ verifications }) {
  if (!verifications.length) return h('div', { class: 'check' }, h('p', { class: 'title' }, h('span', { class: 'light', 'aria-hidden': 'true' }), h('b', {}, t('quality_verified')), h('span', { class: 'count' }, t('quality_never'))), h('p', { class: 'hint' }, t('quality_verified_hint')));
  return h('div', { class: 'check' }, ...verifications.map((one) => h('p', { class: 'title' }, h('span', { class: one.differences ? 'light bad' : 'light good', 'aria-hidden': 'true' }), h('b', {}, t(`verified_${one.kind}`)),
    h('span', { class: 'count' }, one.differences ? t('verified_differences', { n: one.differences }) : same(one.rows), ` · ${moment(one.finished_at)}`))));
}

/** How many rows there are is the provider's alone. @param {number|null} rows */
export function same(rows) {
  return rows === null ? t('verified_same') : t('verified_same_rows', { rows: format.value(rows, 'calls') });
}

/** How orders were tied to calls. @param {Quality} found */
function levels({ levels }) {
  if (!levels) return null;
  return h('div', { class: 'check' }, h('p', { class: 'title' }, h('span', { class: 'light', 'aria-hidden': 'true' }), h('b', {}, t('levels'))),
    h('dl', { class: 'levels' }, ...Object.entries(levels).flatMap(([level, share]) => [h('dt', {}, level), h('dd', {}, h('b', {}, format.percent(share)), ` ${t(`level_${level}`)}`)])));
}

/** @param {string} dimension @param {string} value */
function named(dimension, value) {
  if (!value) return format.NOTHING;
  return page.dimensions[dimension]?.find((item) => item.value === value)?.label ?? value;
}

/** @param {string} instant */
function moment(instant) {
  return format.dated(instant, page.zone);
}

/** @param {string} date */
function day(date) {
  const wall = parseWall(date);
  return wall === null ? date : format.day(wall);
}

/** @param {string} last @param {Quality} found */
function late(last, { meta }) {
  return Date.parse(meta.complete_until) - Date.parse(last) > LATE_MS;
}
