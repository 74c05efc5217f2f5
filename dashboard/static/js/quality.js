// The quality page: how far the numbers can be trusted, and what is to be put right. Only what the API says is shown; what
// is as it should be says so in one line. Its times are of the zone of its own answer.

import { fill, h } from './dom.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { valueLabel } from './lines.js';
import { page } from './page.js';
import { HOUR, parseWall } from './range.js';

/** @typedef {import('./types.js').Quality} Quality */
/** @typedef {Quality['verifications'][number]} Verification */
/** @typedef {Record<string, any>} Row */
/** @typedef {(row: Row) => string} Cell */
/** @typedef {Record<string, Cell>} Columns by name */
/** @typedef {{name: string, rows: Row[], columns: Columns, count?: number, fine?: boolean, awaited?: boolean}} Part `fine`: what is listed is no fault; `awaited`: that nothing is, is one */
/** @typedef {'good'|'warn'|'bad'|''} Light */

const LATE_MS = 24 * HOUR;
const FIRST = 12;
/** Cards that somebody has opened or closed otherwise than they come, by name: new data leaves them so. @type {Map<string, boolean>} */
const turned = new Map();
/** Of which cards all rows are shown. @type {Set<string>} */
const whole = new Set();

/** Whose faults they were. @type {string|null} */
let drawnOf = null;

/** @param {HTMLElement} place @param {Quality} found */
export function quality(place, found) {
  if (drawnOf !== page.state.organisation) {
    drawnOf = page.state.organisation;
    turned.clear();
    whole.clear();
  }
  const scrolled = new Map(scrolls(place).map((one) => [one.dataset.key, { left: one.scrollLeft, top: one.scrollTop }]));
  fill(place, h('div', { class: 'quality' },
    h('h2', {}, t('quality')),
    h('p', { class: 'hint' }, t('quality_hint')),
    verified(found),
    levels(found),
    ...parts(found).map(card)));
  for (const one of scrolls(place)) one.scrollTo(scrolled.get(one.dataset.key) ?? {});
}

/** @param {HTMLElement} place */
function scrolls(place) {
  return /** @type {HTMLElement[]} */ ([...place.querySelectorAll('.scroll')]);
}

/** @param {Quality} found @returns {Part[]} */
export function parts(found) {
  return [...fresh(found), ...unknown(found), ...withoutNumber(found), ...strange(found), ...refused(found)];
}

/** @param {Quality} found @returns {Part[]} */
function fresh(found) {
  const { servers, organisations } = found.freshness;
  const moment = momentOf(found);
  return [
    {
      name: 'fresh_servers', rows: servers, awaited: true, fine: servers.every((one) => !late(one.last_call, found)),
      columns: { server: (row) => row.server, last_call: moment('last_call'), observed: moment('observed_at') },
    },
    {
      name: 'fresh_orders', rows: organisations, awaited: true, fine: organisations.every((one) => !late(one.last_order, found)),
      columns: { organisation: named('organisation'), last_order: moment('last_order'), observed: moment('observed_at') },
    },
  ];
}

/** @param {Quality} found @returns {Part[]} */
function unknown(found) {
  const moment = momentOf(found);
  const kind = (/** @type {Row} */ row) => t(row.kind === 'organisation' ? 'organisation' : `by_${row.kind}`);
  return [
    {
      name: 'unmapped_gateways', rows: found.unmapped_gateways,
      columns: { gateway: (row) => row.gateway, calls: count('calls'), first_call: moment('first_call'), last_call: moment('last_call') },
    },
    {
      name: 'unmapped_words', rows: found.unmapped_words,
      columns: { kind, word: (row) => row.word || '“”', organisation: named('organisation'), orders: count('orders') },
    },
    {
      name: 'silent_gateways', rows: found.silent_gateways,
      columns: { gateway: named('gateway'), service: named('service'), last_day: (row) => day(row.last_call), days: count('days') },
    },
  ];
}

/** @param {Quality} found @returns {Part[]} */
function withoutNumber({ no_number: { calls, orders } }) {
  const share = (/** @type {string} */ of) => (/** @type {Row} */ row) => format.percent(row.no_number / row[of]);
  const source = (/** @type {Row} */ row) => valueLabel('source', row.source, row.source);
  return [
    {
      name: 'no_number_calls', rows: calls.filter((row) => row.no_number),
      columns: { gateway: named('gateway'), service: named('service'), no_number: count('no_number'), calls: count('calls'), share: share('calls') },
    },
    {
      name: 'no_number_orders', rows: orders.filter((row) => row.no_number),
      columns: { source, service: named('service'), no_number: count('no_number'), orders: count('orders'), share: share('orders') },
    },
  ];
}

/** @param {Quality} found @returns {Part[]} */
function strange(found) {
  const { bridged, foreign_currency: foreign } = found;
  const leads = (/** @type {Row} */ row) => row.organisations.map((/** @type {string} */ one) => labelOf('organisation', one)).join(', ');
  return [
    {
      name: 'bridged', rows: bridged.calls, count: bridged.total,
      columns: { time: momentOf(found)('time'), gateway: (row) => row.gateway, counted_for: named('organisation'), leads_to: leads },
    },
    {
      name: 'foreign_currency', rows: foreign,
      columns: { organisation: named('organisation'), currency: (row) => row.currency, orders: count('orders'), sum: (row) => format.value(row.price, 'money', row.currency) },
    },
  ];
}

/** Letters are the provider's alone. @param {Quality} found @returns {Part[]} */
function refused({ dead_letters: letters }) {
  if (!letters) return [];
  return [{
    name: 'dead_letters', rows: letters.kinds, count: letters.kinds.reduce((all, row) => all + row.letters - row.replayed, 0),
    columns: { reason: (row) => t(`reason_${row.reason}`), topic: (row) => row.topic, letters: count('letters'), replayed: count('replayed') },
  }];
}

/** @param {string} name @returns {Cell} */
function count(name) {
  return (row) => format.value(row[name], 'calls');
}

/** @param {string} dimension @returns {Cell} */
function named(dimension) {
  return (row) => labelOf(dimension, row[dimension]);
}

/** @param {Quality} found @returns {(name: string) => Cell} */
function momentOf({ meta }) {
  return (name) => (row) => format.dated(row[name], meta.time_zone);
}

/** @param {Part} part @returns {{light: Light, said: string}} */
export function judged({ rows, count: total, fine = false, awaited = false }) {
  const many = total ?? rows.length;
  if (many === 0) return awaited ? { light: 'warn', said: t('quality_nothing_yet') } : { light: 'good', said: t('quality_none') };
  return fine ? { light: 'good', said: t('quality_fine') } : { light: 'warn', said: format.value(many, 'calls') };
}

/** @param {Part} part */
function card(part) {
  const { name, rows, columns } = part;
  const { light, said } = judged(part);
  const good = light === 'good';
  const title = titled(light, t(`quality_${name}`), said);
  if (!rows.length) return h('div', { class: 'check' }, h('p', { class: 'title' }, ...title));
  const made = h('details', { class: 'check', open: turned.get(name) ?? !good, data: { key: name }, ontoggle: () => turn(name, made.open, !good) },
    h('summary', { class: 'title', data: { key: `card ${name}` } }, ...title),
    h('p', { class: 'hint' }, t(`quality_${name}_hint`)),
    table(name, rows, columns));
  return made;
}

/** @param {string} name @param {boolean} open @param {boolean} byItself how it comes */
function turn(name, open, byItself) {
  if (open === byItself) turned.delete(name);
  else turned.set(name, open);
}

/** @param {Light} light @param {string} name @param {string} [said] */
function titled(light, name, said) {
  return [
    h('span', { class: `light ${light}`.trim(), 'aria-hidden': 'true' }),
    h('b', {}, name),
    ...(said === undefined ? [] : [h('span', { class: 'count' }, said)]),
  ];
}

/** @param {string} name @param {Row[]} rows @param {Columns} columns */
function table(name, rows, columns) {
  const caption = t(`quality_${name}`);
  const part = (/** @type {Row[]} */ some) => some.map((row) => h('tr', {}, ...Object.values(columns).map((cell) => h('td', {}, cell(row)))));
  const body = h('tbody', {}, ...part(whole.has(name) ? rows : rows.slice(0, FIRST)));
  const all = () => {
    whole.add(name);
    body.append(...part(rows.slice(FIRST)));
    scroll.focus({ preventScroll: true }); // the button will not be there any more
    if (more) more.remove();
  };
  const more = rows.length > FIRST && !whole.has(name) && h('button', { class: 'quiet', data: { key: `all ${name}` }, onclick: all }, t('all_rows', { n: rows.length }));
  const heading = h('tr', {}, ...Object.keys(columns).map((column) => h('th', { scope: 'col' }, t(`column_${column}`))));
  const scroll = h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption, data: { key: `rows ${name}` } },
    h('table', { class: 'listing' }, h('caption', { class: 'unseen' }, caption), h('thead', {}, heading), body), more);
  return scroll;
}

/** @param {Quality} found */
function verified({ verifications, meta }) {
  const lines = verifications.map((one) => {
    const { light, said } = verdict(one);
    return h('p', { class: 'title' }, ...titled(light, t(`verified_${one.kind}`), `${said} · ${format.dated(one.finished_at, meta.time_zone)}`));
  });
  if (lines.length) return h('div', { class: 'check' }, ...lines);
  return h('div', { class: 'check' },
    h('p', { class: 'title' }, ...titled('', t('quality_verified'), t('quality_never'))),
    h('p', { class: 'hint' }, t('quality_verified_hint')));
}

/** Good only as `pulse verify` has it: nothing differs, and nothing is left undecided. @param {Pick<Verification, 'rows'|'differences'|'undecided'>} one @returns {{light: Light, said: string}} */
export function verdict({ rows, differences, undecided }) {
  const said = [
    ...(differences ? [t('verified_differences', { n: differences })] : []),
    ...(undecided ? [t('verified_undecided', { n: undecided })] : []),
  ];
  return { light: differences ? 'bad' : undecided ? 'warn' : 'good', said: said.join(', ') || same(rows) };
}

/** How many rows there are is the provider's alone. @param {number|null} rows */
export function same(rows) {
  return rows === null ? t('verified_same') : t('verified_same_rows', { rows: format.value(rows, 'calls') });
}

/** How orders were tied to calls. @param {Quality} found */
function levels({ levels }) {
  if (!levels) return null;
  const lines = Object.entries(levels).flatMap(([level, share]) =>
    [h('dt', {}, level), h('dd', {}, h('b', {}, format.percent(share)), ` ${t(`level_${level}`)}`)]);
  return h('div', { class: 'check' }, h('p', { class: 'title' }, ...titled('', t('levels'))), h('dl', { class: 'levels' }, ...lines));
}

/** @param {string} dimension @param {string} value */
function labelOf(dimension, value) {
  if (!value) return format.NOTHING;
  return page.dimensions[dimension]?.find((item) => item.value === value)?.label ?? value;
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
