// One pill for each line: its colour and marker, its total, how much more or less than before. A click hides or shows it;
// with Alt, or by a finger that stays, it stays alone.

import { fill, find, h } from './dom.js';
import * as format from './format.js';
import { language, t } from './i18n.js';
import { against, tone } from './lines.js';
import { swatch } from './looks.js';
import { onHold } from './touch.js';

/** @typedef {import('./types.js').Line} Line */
/** @typedef {import('./types.js').Meta} Meta */
/** @typedef {import('./types.js').Metric} Metric */
/**
 * @typedef {object} Taps
 * @property {(key: string, alone: boolean) => void} toggle
 * @property {(metric: string) => void} remove
 * @property {(owner: HTMLElement) => void} add
 */

/**
 * @param {Element} place @param {Line[]} lines @param {Meta} meta @param {number} finished @param {string[]} colours @param {Taps} taps
 */
export function pills(place, lines, meta, finished, colours, taps) {
  const metrics = new Set(lines.map((line) => line.metric.name));
  const add = h('button', { class: 'pill add', data: { key: 'add' }, 'aria-expanded': 'false', 'aria-haspopup': 'dialog', onclick: (/** @type {Event} */ event) => taps.add(/** @type {HTMLElement} */ (event.currentTarget)) }, h('span', { class: 'plus', 'aria-hidden': 'true' }, '+'), t('metric'));
  fill(place, ...lines.map((line) => pill(line, meta, finished, colours, taps, line.group === null && metrics.size > 1)), add);
}

/** @param {Line} line @param {Meta} meta @param {number} finished @param {string[]} colours @param {Taps} taps @param {boolean} removable */
function pill(line, meta, finished, colours, taps, removable) {
  const title = [line.full, line.metric.explanation[language()], t('pill_hint')].join('\n');
  const toggle = h('button', { class: 'toggle', title, 'aria-pressed': line.off ? 'false' : 'true', data: { key: `pill ${line.key}` }, onclick: (/** @type {MouseEvent} */ event) => taps.toggle(line.key, event.altKey) },
    h('span', { class: 'name' }, swatch(line.look, colours[line.look]), h('span', {}, line.label)),
    h('span', { class: 'figures' }, h('b', {}, format.value(line.total, line.metric.unit, meta.currency)), difference(line, finished)));
  onHold(toggle, () => taps.toggle(line.key, true));
  return h('div', { class: line.off ? 'pill off' : 'pill', style: { '--line': colours[line.look] } }, toggle,
    removable && removal(line, taps));
}

/** The button will not be there any more: the focus goes to the one that always is. @param {Line} line @param {Taps} taps */
function removal(line, taps) {
  const words = t('remove', { name: line.full });
  const pressed = () => {
    find('[data-key=add]').focus({ preventScroll: true });
    taps.remove(line.metric.name);
  };
  return h('button', { class: 'remove', 'aria-label': words, title: words, data: { key: `remove ${line.key}` }, onclick: pressed }, '×');
}

/** A dash where the days before have no records, and why. @param {Line} line @param {number} finished */
function difference(line, finished) {
  if (line.comparison && !line.comparable) return h('small', { class: 'delta', title: t('delta_no_records') }, format.NOTHING);
  const compared = against(line, finished);
  return compared && delta(line.metric, compared);
}

/** @param {Metric} metric @param {{now: number, before: number, part: boolean}} compared */
function delta(metric, { now, before, part }) {
  const said = gained(now, before, metric.unit);
  if (said === null) return h('small', { class: 'delta' }, now ? t('from_zero') : '');
  return h('small', { class: `delta ${tone(metric, now - before)}`, title: part ? t('delta_part') : t('delta_whole') }, said, part ? '*' : '');
}

/** Of two shares in percentage points, as in table and panel. Null where there is nothing that it could be a part of. @param {number} now @param {number} before @param {import('./types.js').Unit} unit */
export function gained(now, before, unit) {
  if (unit === 'share') return format.gain(now, before, unit);
  if (!before) return null;
  const change = now / before - 1;
  return (change > 0 ? '↑ ' : change < 0 ? '↓ ' : '') + format.percent(Math.abs(change));
}
