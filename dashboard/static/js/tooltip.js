// What is said of one bucket: to the eye as a panel at the pointer, to the ear as a sentence.

import { h } from './dom.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { tone } from './lines.js';
import { swatch } from './looks.js';
import { shareAt, stackedLines } from './stacks.js';
import { byFinger } from './touch.js';

/** @typedef {import('./types.js').Line} Line */
/** @typedef {import('./types.js').Meta} Meta */
/** @typedef {{lines: Line[], walls: number[], meta: Meta, running: number, provisional: number, kind: string, drill: boolean}} Shown */

/** @param {Shown} shown @param {number} index @param {string[]} colours @param {Line|null} [on] the one that the keyboard is on */
export function tooltip(shown, index, colours, on = null) {
  const lines = shown.lines.filter((line) => !line.off);
  const compared = lines.some((line) => line.comparison);
  const mark = state(shown, index);
  const heading = compared && h('tr', {}, h('th', {}), h('td', {}), h('td', { class: 'past' }, t('before')), h('td', {}));
  const rows = lines.map((line) => row(line, index, shown, colours, compared, line.key === on?.key));
  return h('div', {},
    h('p', { class: 'tip-head' }, format.bucketAt(shown.walls, index, shown.meta.step), mark && h('small', { class: 'mark' }, t(`mark_${mark}`))),
    h('table', {}, heading, ...rows),
    shown.drill && h('p', { class: 'hint' }, t(byFinger() ? 'tap_for_list' : 'click_for_list')));
}

/** @param {Line} line @param {number} index @param {Shown} shown @param {string[]} colours @param {boolean} compared @param {boolean} on */
function row(line, index, { meta, running, kind, lines }, colours, compared, on) {
  const [value, past] = [line.values[index], line.comparison?.values[index] ?? null];
  const { unit } = line.metric;
  const share = kind === 'share' ? shareOf(line, lines, index) : null;
  return h('tr', { class: on ? 'on' : '' }, h('th', {}, swatch(line.look, colours[line.look]), line.label),
    h('td', {}, value === null ? h('i', {}, t('no_data')) : format.value(value, unit, meta.currency), share !== null && h('small', {}, ` ${format.percent(share)}`)),
    compared && h('td', { class: 'past' }, past === null ? format.NOTHING : format.value(past, unit, meta.currency)),
    compared && h('td', {}, value !== null && past !== null && gained(line, value, past, index < running)));
}

/** @param {Line} line @param {number} value @param {number} past @param {boolean} finished else it will be more */
function gained(line, value, past, finished) {
  const gain = format.gain(value, past, line.metric.unit);
  return gain !== null && h('span', { class: tone(line.metric, value - past) }, finished ? gain : '…');
}

/** The same as its bar's; null for what is not stacked. @param {Line} line @param {Line[]} lines @param {number} index */
export function shareOf(line, lines, index) {
  const stacked = stackedLines(lines, line.scale);
  return stacked.includes(line) ? shareAt(line, stacked, index) : null;
}

/** @param {Shown} shown @param {number} index */
function state(shown, index) {
  if (index >= shown.running) return shown.lines.some((line) => line.values[index] !== null) ? 'running' : 'future';
  return index >= shown.provisional ? 'provisional' : '';
}

/** The line that the keyboard is on comes first. @param {Shown} shown @param {number} index @param {Line|null} on */
export function sentence(shown, index, on) {
  const mark = state(shown, index);
  const lines = shown.lines.filter((line) => !line.off);
  lines.sort((a, b) => Number(b.key === on?.key) - Number(a.key === on?.key));
  const parts = lines.map((line) => {
    const past = line.comparison?.values[index] ?? null;
    const text = (/** @type {number|null} */ value) => (value === null ? t('no_data') : format.value(value, line.metric.unit, shown.meta.currency));
    return `${line.full}: ${text(line.values[index])}${past === null ? '' : `, ${t('before')} ${text(past)}`}`;
  });
  return `${format.bucketAt(shown.walls, index, shown.meta.step)}${mark ? ` (${t(`mark_${mark}`)})` : ''} — ${parts.join('; ')}`;
}
