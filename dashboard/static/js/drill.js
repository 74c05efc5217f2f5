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
  /** @type {Row[]} */
  const rows = [];
  const next = async (/** @type {string|null} */ cursor) => {
    const page = new URLSearchParams(asked);
    page.set('limit', String(PAGE));
    if (cursor) page.set('cursor', cursor);
    try {
      const [found] = await ask('list', `${list}?${page}`);
      rows.push(...found.rows);
      head.textContent = summary(found, line, value, meta);
      draw(found.total, found.next_cursor);
    } catch (error) {
      if (cancelled(error) || !box.isConnected) return;
      fill(head, ...explained(error), ' ', h('button', { class: 'primary', onclick: () => next(cursor) }, t('retry')));
    }
  };
  const draw = (/** @type {number} */ total, /** @type {string|null} */ cursor) => {
    const columns = list === 'orders' ? ORDER : CALL;
    fill(place, rows.length === 0 ? h('p', { class: 'empty' }, t('list_empty')) : h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('list') }, h('table', { class: 'listing' },
      h('thead', {}, h('tr', {}, ...columns.map((column) => h('th', { scope: 'col', class: column.number ? 'number' : '' }, column.name === 'legs' ? h('span', { class: 'unseen' }, t('legs')) : t(column.name))))),
      h('tbody', {}, ...rows.map((row) => h('tr', {}, ...columns.map((column) => h('td', { class: column.number ? 'number' : '' }, column.cell(row)))))))),
    cursor && h('button', { class: 'quiet more-rows', data: { key: 'list more' }, onclick: () => next(cursor) }, `${t('list_more')} (${rows.length} / ${format.value(total, 'calls')})`));
  };
  void next(null);
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
  return h('span', { class: kind === 'missed' ? 'down' : '' }, t(`outcome_${kind}`));
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
  { name: 'list_wait', number: true, cell: (row) => format.duration(row.wait_ms) },
  { name: 'list_talk', number: true, cell: (row) => (row.answered ? format.duration(row.talk_ms) : format.NOTHING) },
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
