// The range, and the values of filters: what is in their panels.

import { fill, h } from './dom.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { DAY, PRESETS, formatWall, parseWall, presetSpan } from './range.js';
import { valueLabel } from './lines.js';

/** @typedef {import('./types.js').Item} Item */
/** @typedef {import('./state.js').Range} Range */
/** @typedef {import('./range.js').Span} Span */

/**
 * @param {Range} range @param {Span} span @param {number} now @param {number|null} begun
 * @param {(range: Range) => void} chosen
 * @returns {Node[]}
 */
export function rangeChoice(range, span, now, begun, chosen) {
  const presets = PRESETS.map((preset) => {
    const on = 'preset' in range && range.preset === preset;
    const of = presetSpan(preset, now, begun);
    return h('button', { class: 'row', 'aria-pressed': on ? 'true' : 'false', onclick: () => chosen({ preset }) }, h('span', {}, t(`range_${preset}`)), h('small', {}, format.span(of.from, of.to)));
  });
  return [h('div', { class: 'rows' }, ...presets), dates(span, chosen)];
}

/** @param {Span} span @param {(range: Range) => void} chosen */
export function dates(span, chosen) {
  const from = h('input', { type: 'date', value: formatWall(span.from).slice(0, 10), required: true, min: '2000-01-01', max: '2100-12-31' });
  const to = h('input', { type: 'date', value: formatWall(span.to - 1).slice(0, 10), required: true, min: '2000-01-01', max: '2100-12-31' });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const [start, end] = [parseWall(from.value), parseWall(to.value)];
    if (start === null || end === null || end < start) problem.textContent = t('bad_dates');
    else chosen({ from: start, to: end + DAY });
  };
  return h('form', { class: 'dates', onsubmit: submit, novalidate: true },
    h('label', {}, t('range_from'), from), h('label', {}, t('range_to'), to), h('button', { class: 'primary' }, t('show')), problem);
}

/**
 * @param {string} dimension @param {Item[]} items @param {string[]} chosen
 * @param {(values: string[]) => void} changed
 * @returns {Node[]}
 */
export function filterChoice(dimension, items, chosen, changed) {
  let values = [...chosen];
  const list = h('div', { class: 'choices' });
  const search = h('input', { type: 'search', placeholder: t('search'), 'aria-label': t('search'), oninput: () => draw() });
  const toggle = (/** @type {string} */ value) => {
    values = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
    changed(values);
    draw();
  };
  const draw = () => {
    const found = items.filter((item) => `${item.value} ${name(item)}`.toLowerCase().includes(search.value.toLowerCase()));
    fill(list, ...found.map((item) => h('label', { class: 'choice' },
      h('input', { type: 'checkbox', checked: values.includes(item.value), data: { key: `value ${item.value}` }, onchange: () => toggle(item.value) }),
      h('span', {}, name(item), !item.in_directory && h('small', {}, t('not_in_directory'))))),
    !found.length && h('p', { class: 'hint' }, t('nothing_found')));
  };
  const name = (/** @type {Item} */ item) => valueLabel(dimension, item.value, item.label);
  const none = h('button', { class: 'quiet', onclick: () => { values = []; changed(values); draw(); } }, t('all_values'));
  draw();
  return [h('div', { class: 'picker-head' }, items.length > 8 ? search : h('b', {}, t(`by_${dimension}`)), none), list];
}
