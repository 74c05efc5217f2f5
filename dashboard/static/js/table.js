// The same numbers as a table: by date, or one row for each line. Totals are the API's.

import { fill, h } from './dom.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { against, tone } from './lines.js';
import { swatch } from './looks.js';

/** @typedef {import('./types.js').Line} Line */
/** @typedef {import('./types.js').Meta} Meta */
/** @typedef {{key: string, name: string, hint?: string, number: boolean}} Column */
/** @typedef {{key: string, sort: () => (string|number|null)[], cells: () => (Node|string)[], mark?: string}} Row */
/** @typedef {{columns: Column[], count: number, row: (index: number) => Row, total: Row|null, sorted: boolean}} Sheet `sorted`: by its first column, as it comes */

const AT_FIRST = 100;
/** In the order of the API. */
const AS_IT_COMES = -1;

export class Table {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.by = 0;
    this.down = false;
    this.most = AT_FIRST;
    /** @type {Sheet|null} */
    this.sheet = null;
    this.caption = '';
    this.scroll = h('div', { class: 'scroll', tabindex: '0', role: 'region' });
    this.more = h('div', {});
  }

  /** @param {Sheet} sheet @param {string} caption */
  show(sheet, caption) {
    const same = this.sheet?.columns.map((column) => column.key).join() === sheet.columns.map((column) => column.key).join();
    if (!same) [this.by, this.down, this.most] = [sheet.sorted ? 0 : AS_IT_COMES, false, AT_FIRST];
    this.sheet = sheet;
    this.caption = caption;
    this.draw();
  }

  draw() {
    if (!this.sheet) return;
    const { columns, count, row, total } = this.sheet;
    const shown = order(this.sheet, this.by, this.down, this.most).map(row);
    const table = h('table', {}, h('caption', { class: 'unseen' }, this.caption),
      h('thead', {}, h('tr', {}, ...columns.map((column, index) => this.heading(column, index)))),
      h('tbody', {}, ...(total ? [line(total, columns, 'total')] : []), ...shown.map((one) => line(one, columns, one.mark ?? ''))));
    const more = count > this.most && h('button', { class: 'quiet more-rows', data: { key: 'more-rows' }, onclick: () => this.all() }, t('all_rows', { n: count }));
    this.scroll.setAttribute('aria-label', this.caption);
    if (!this.scroll.isConnected) this.place.append(this.scroll, this.more);
    const there = this.scroll.querySelector('table');
    if (!there || !renewed(there, table)) fill(this.scroll, table); // the element stays, and with it how far it is scrolled
    fill(this.more, more);
  }

  /** @param {Column} column @param {number} index */
  heading(column, index) {
    const sort = index !== this.by ? 'none' : this.down ? 'descending' : 'ascending';
    const arrow = h('span', { class: 'arrow', 'aria-hidden': 'true' }, { none: '', descending: '↓', ascending: '↑' }[sort]);
    return h('th', { scope: 'col', 'aria-sort': sort, class: column.number ? 'number' : '' },
      h('button', { title: column.hint ?? t('sort'), data: { key: `sort ${column.key}` }, onclick: () => this.sort(index) }, column.name, arrow));
  }

  /** Numbers the greatest first, dates and names from their beginning. @param {number} index */
  sort(index) {
    this.down = index === this.by ? !this.down : Boolean(this.sheet?.columns[index].number);
    this.by = index;
    this.draw();
  }

  all() {
    this.most = Infinity;
    this.draw();
  }
}

/** Rows are made only where they are shown: of a year of hours that is one in a hundred. @param {Sheet} sheet @param {number} by @param {boolean} down @param {number} most @returns {number[]} */
export function order({ count, row, sorted }, by, down, most) {
  const asItComes = by === AS_IT_COMES || (by === 0 && !down && sorted);
  if (asItComes) return Array.from({ length: Math.min(count, most) }, (_, index) => index);
  const keys = Array.from({ length: count }, (_, index) => row(index).sort()[by]);
  return [...keys.keys()].sort((a, b) => compare(keys[a], keys[b], down)).slice(0, most);
}

/** What is not known comes last, whichever way. @param {string|number|null} a @param {string|number|null} b @param {boolean} down */
function compare(a, b, down) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const way = down ? -1 : 1;
  return a < b ? -way : a > b ? way : 0;
}

/** @param {Row} row @param {Column[]} columns @param {string} mark */
function line(row, columns, mark) {
  return h('tr', { class: mark, data: { row: row.key } }, ...row.cells().map((cell, index) =>
    index === 0 ? h('th', { scope: 'row' }, cell) : h('td', { class: columns[index].number ? 'number' : '' }, cell)));
}

/**
 * Where the same rows and columns are shown, only what differs is changed: who marks or reads a cell keeps it.
 * @param {HTMLTableElement} there @param {HTMLTableElement} made @returns {boolean} false, if they are others
 */
function renewed(there, made) {
  if (!there.tHead?.isEqualNode(made.tHead) || keysOf(there) !== keysOf(made)) return false;
  there.caption?.replaceChildren(...(made.caption?.childNodes ?? []));
  [...there.tBodies[0].rows].forEach((row, index) => renewRow(row, made.tBodies[0].rows[index]));
  return true;
}

/** @param {HTMLTableElement} table */
function keysOf({ tBodies: [body] }) {
  return [...body.rows].map((row) => row.dataset.row).join();
}

/** @param {HTMLTableRowElement} there @param {HTMLTableRowElement} made */
function renewRow(there, made) {
  if (there.isEqualNode(made)) return;
  there.className = made.className;
  [...there.cells].forEach((cell, index) => {
    const other = made.cells[index];
    if (cell.isEqualNode(other)) return;
    cell.className = other.className;
    cell.replaceChildren(...other.childNodes);
  });
}

/**
 * One row for each bucket.
 * @param {Line[]} lines @param {number[]} walls @param {Meta} meta @param {number} running @param {number} provisional
 * @returns {Sheet}
 */
export function byDate(lines, walls, meta, running, provisional) {
  const compared = lines.some((one) => one.comparison);
  /** @type {Column[]} */
  const columns = [{ key: 'date', name: t(`step_${meta.step}`), number: false }];
  for (const one of lines) {
    columns.push({ key: one.key, name: one.label, hint: one.metric.explanation ? one.full : undefined, number: true });
    if (compared) columns.push({ key: `${one.key} before`, name: t('before'), number: true }, { key: `${one.key} change`, name: t('difference'), number: true });
  }
  const at = (/** @type {number} */ index) => {
    const mark = index >= running && lines.some((one) => one.values[index] !== null) ? 'running' : index >= provisional ? 'provisional' : '';
    const name = () => named(format.bucketAt(walls, index, meta.step), mark);
    const before = (/** @type {Line} */ one) => one.comparison?.values[index] ?? null;
    const compare = index < running ? undefined : () => null; // a part is not less than a whole
    return row(String(walls[index]), walls[index], name, lines, meta, compared, (one) => one.values[index], before, mark, compare);
  };
  const total = row('total', 0, () => t('whole_range'), lines, meta, compared, (one) => one.total, (one) => one.comparison?.total ?? null, '', (one) => against(one, running));
  return { columns, count: walls.length, row: at, total, sorted: true };
}

/** @param {string} name @param {string} mark */
function named(name, mark) {
  return mark ? h('span', {}, name, ' ', h('small', { class: 'mark' }, t(`mark_${mark}`))) : name;
}

/**
 * @param {string} key @param {number} wall @param {() => Node|string} name @param {Line[]} lines @param {Meta} meta @param {boolean} compared
 * @param {(line: Line) => number|null} now @param {(line: Line) => number|null} before @param {string} mark
 * @param {(line: Line) => {now: number, before: number, part: boolean}|null} [compare] where not all of it can be compared, or nothing
 * @returns {Row}
 */
function row(key, wall, name, lines, meta, compared, now, before, mark, compare = (one) => pair(now(one), before(one))) {
  const text = (/** @type {number|null} */ value, /** @type {Line} */ one) => format.value(value, one.metric.unit, meta.currency);
  const cells = () => lines.flatMap((one) => [text(now(one), one), ...(compared ? [text(before(one), one), changed(compare(one), one, meta)] : [])]);
  const sort = () => [wall, ...lines.flatMap((one) => (compared ? [now(one), before(one), gained(compare(one))] : [now(one)]))];
  return { key, sort, cells: () => [name(), ...cells()], mark };
}

/** @param {{now: number, before: number}|null} compared */
function gained(compared) {
  return compared && compared.now - compared.before;
}

/** @param {number|null} now @param {number|null} before */
function pair(now, before) {
  return now === null || before === null ? null : { now, before, part: false };
}

/** @param {{now: number, before: number, part: boolean}|null} compared @param {Line} line @param {Meta} meta */
function changed(compared, line, meta) {
  if (!compared) return format.NOTHING;
  const { now, before, part } = compared;
  const change = now - before;
  const text = differently(change, before, line, meta) + (part ? '*' : '');
  return h('span', { class: tone(line.metric, change), title: part ? t('delta_part') : undefined }, text);
}

/** With how much that is of what was before; a difference of shares says all by itself. @param {number} change @param {number} before @param {Line} line @param {Meta} meta */
export function differently(change, before, line, meta) {
  const { unit } = line.metric;
  const text = format.difference(change, unit, meta.currency);
  return before && unit !== 'share' ? `${text} (${format.change(change / before)})` : text;
}

/**
 * One row for each line: its total over the range.
 * @param {Line[]} lines @param {Meta} meta @param {number} running @param {string[]} colours
 * @returns {Sheet}
 */
export function byLine(lines, meta, running, colours) {
  const compared = lines.some((one) => one.comparison);
  /** @type {Column[]} */
  const columns = [{ key: 'line', name: t('series'), number: false }, { key: 'total', name: t('total'), number: true }];
  if (compared) columns.push({ key: 'before', name: t('before'), number: true }, { key: 'change', name: t('difference'), number: true });
  const rows = lines.map((one) => {
    const past = one.comparison?.total ?? null;
    const both = against(one, running);
    return {
      key: one.key,
      sort: () => [one.full, one.total, ...(compared ? [past, gained(both)] : [])],
      cells: () => [
        h('span', { class: 'named' }, swatch(one.look, colours[one.look]), one.full),
        format.value(one.total, one.metric.unit, meta.currency),
        ...(compared ? [format.value(past, one.metric.unit, meta.currency), changed(both, one, meta)] : []),
      ],
    };
  });
  return { columns, count: rows.length, row: (index) => rows[index], total: null, sorted: false };
}
