// The list behind a point, page by page: as long as the point is high.

import { ask, cancelled } from './api.js';
import { dialog } from './dialogs.js';
import { fill, h } from './dom.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { toggleLegs } from './legs.js';
import { valueLabel } from './lines.js';
import { explained } from './problems.js';
import { parseWall } from './range.js';

/** @typedef {import('./types.js').Line} Line */
/** @typedef {import('./types.js').Meta} Meta */
/** @typedef {Record<string, any>} Row */
/** @typedef {{name: string, number?: boolean, cell: (row: Row) => Node|string}} Column */

const PAGE = 100;

/**
 * @param {{list: string, asked: URLSearchParams}} behind @param {Line} line @param {string} bucket @param {number|null} value
 * @param {Meta} meta
 */
export function drill({ list, asked }, line, bucket, value, meta) {
  const head = h('p', { class: 'list-head', role: 'status' }, t('loading'));
  const place = h('div', {});
  const box = dialog(t('list_of', { name: line.full, bucket }), [head, place], 'wide');
  const listing = new Listing(place, list === 'orders' ? ORDER : CALL);
  const next = async (/** @type {string|null} */ cursor) => {
    const page = new URLSearchParams(asked);
    page.set('limit', String(PAGE));
    if (cursor) page.set('cursor', cursor);
    try {
      const [found] = await ask('list', `${list}?${page}`);
      head.textContent = summary(found, line, value, meta);
      listing.add(found.rows, found.total, found.next_cursor && (() => next(found.next_cursor)));
    } catch (error) {
      if (cancelled(error) || !box.isConnected) return;
      fill(head, ...explained(error), ' ', h('button', { class: 'primary', onclick: () => next(cursor) }, t('retry')));
    }
  };
  void next(null);
}

/** The table grows: rows that are there stay, and with them what is open and how far it is scrolled. */
class Listing {
  /** @param {Element} place @param {Column[]} columns */
  constructor(place, columns) {
    this.place = place;
    this.columns = columns;
    this.shown = 0;
    this.body = h('tbody', {});
    this.more = h('div', {});
  }

  /** @param {Row[]} rows @param {number} total @param {(() => void)|null} next */
  add(rows, total, next) {
    this.shown += rows.length;
    if (!this.body.isConnected) fill(this.place, ...(rows.length ? [this.table(), this.more] : [h('p', { class: 'empty' }, t('list_empty'))]));
    this.body.append(...rows.map((row) => this.row(row)));
    const count = `${t('list_more')} (${this.shown} / ${format.value(total, 'calls')})`;
    fill(this.more, next && h('button', { class: 'quiet more-rows', data: { key: 'list more' }, onclick: next }, count));
  }

  table() {
    const name = (/** @type {Column} */ { name }) => (name === 'legs' ? h('span', { class: 'unseen' }, t(name)) : t(name));
    const heading = this.columns.map((column) => h('th', { scope: 'col', class: kind(column) }, name(column)));
    return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('list') },
      h('table', { class: 'listing' }, h('thead', {}, h('tr', {}, ...heading)), this.body));
  }

  /** @param {Row} row */
  row(row) {
    return h('tr', {}, ...this.columns.map((column) => h('td', { class: kind(column) }, column.cell(row))));
  }
}

/** @param {Column} column */
function kind({ number }) {
  return number ? 'number' : '';
}

/** @param {{total: number, sum: number|null}} found @param {Line} line @param {number|null} value @param {Meta} meta */
function summary({ total, sum }, line, value, meta) {
  const count = t('list_count', { n: total }).replace(String(total), format.value(total, 'calls'));
  const { unit, additive } = line.metric;
  if (additive && sum !== null) return `${count}, ${t('list_sum', { value: format.value(sum, unit, meta.currency) })}`;
  return additive || value === total ? count : `${count}. ${t('list_part', { value: format.value(value, unit, meta.currency) })}`;
}

/** @param {string|null} time with its offset: the wall clock is what counts */
function clock(time) {
  if (!time) return format.NOTHING;
  const wall = parseWall(time.slice(0, 10));
  return wall === null ? time : `${format.day(wall)} ${time.slice(11, 19)}`;
}

/** @param {Row} row */
function outcome(row) {
  const counts = /** @type {string[]} */ (row.counts_in);
  if (row.reason) return t(`outcome_${['outbound', 'staff'].includes(row.reason) ? row.reason : 'uncounted'}`);
  const kind = row.answered ? 'answered' : counts.includes('calls_short') ? 'short' : 'missed';
  return h('span', { class: kind === 'missed' ? 'worse' : '' }, t(`outcome_${kind}`));
}

/** What makes the row special: first ones, possibly first ones. @param {Row} row */
function marks(row) {
  const names = /** @type {string[]} */ (row.counts_in).filter((name) => /^(new|unknown|reactivated)_/.test(name));
  return h('span', { class: 'marks' }, ...[...new Set(names.map((name) => name.split('_')[0]))].map((name) => h('small', { class: 'mark' }, t(`mark_${name}`))));
}

/** To the legs of a call, or of the one that an order came from. @param {string} call server/id; empty: there is none */
function open(call) {
  if (!call) return '';
  const button = h('button', { class: 'icon fold', 'aria-expanded': 'false', 'aria-label': t('legs'), title: t('legs'), onclick: () => toggleLegs(button, call) }, '›');
  return button;
}

/** @type {Column} */
const LEGS = { name: 'legs', cell: (row) => open('call' in row ? row.call : row.gateway.includes('/') ? `${row.gateway.split('/')[0]}/${row.id}` : '') };
/** @type {Column[]} */
const CALL = [
  LEGS,
  { name: 'list_time', cell: (row) => clock(row.time) },
  { name: 'list_phone', cell: (row) => row.phone || t('without_number') },
  { name: 'list_number', cell: (row) => row.number || format.NOTHING },
  { name: 'list_gateway', cell: (row) => row.gateway || format.NOTHING },
  { name: 'list_service', cell: (row) => (row.service ? row.service_label : format.NOTHING) },
  { name: 'list_outcome', cell: outcome },
  { name: 'list_wait', number: true, cell: (row) => format.value(row.wait_ms, 'ms') },
  { name: 'list_talk', number: true, cell: (row) => (row.answered ? format.value(row.talk_ms, 'ms') : format.NOTHING) },
  { name: 'list_marks', cell: marks },
];
/** @type {Column[]} */
const ORDER = [
  LEGS,
  { name: 'list_time', cell: (row) => clock(row.time) },
  { name: 'list_phone', cell: (row) => row.phone || t('without_number') },
  { name: 'list_source', cell: (row) => valueLabel('source', row.source, row.source) },
  { name: 'list_state', cell: (row) => valueLabel('state', row.state, row.state) },
  { name: 'list_price', number: true, cell: (row) => (row.price === null ? format.NOTHING : format.price(row.price, row.currency)) },
  { name: 'list_number', cell: (row) => row.number || format.NOTHING },
  { name: 'list_attribution', cell: (row) => row.attribution || format.NOTHING },
  { name: 'list_service', cell: (row) => (row.service ? row.service_label : format.NOTHING) },
  { name: 'list_marks', cell: marks },
];
