// What is above the chart: range, step, breakdown, comparison, kind of drawing, filters, and what is under "more".

import { fill, find, h } from './dom.js';
import { icon } from './icons.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { COMPARISONS, DIMENSIONS, KINDS, TOPS, drawsLines } from './state.js';
import { DAY, STEPS, tooMany } from './range.js';
import { valueLabel } from './lines.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').Dimension} Dimension */
/** @typedef {import('./range.js').Span} Span */
/** @typedef {import('./range.js').Step} Step */
/** @typedef {import('./types.js').Metric} Metric */
/**
 * @typedef {object} Settings
 * @property {State} state
 * @property {Span} span
 * @property {Span} asked
 * @property {Step} step
 * @property {number} now
 * @property {Metric[]} metrics those on the chart
 * @property {(dimension: string, value: string) => string} labelOf
 */
/**
 * @typedef {object} Taps
 * @property {(patch: Partial<State>, part?: 'all') => void} set
 * @property {(way: 1|-1) => void} move
 * @property {(owner: HTMLElement) => void} range
 * @property {(owner: HTMLElement, dimension: Dimension) => void} filter
 * @property {(owner: HTMLElement) => void} filters
 * @property {(owner: HTMLElement) => void} more
 * @property {(reason: string) => void} refused
 */

/** @param {Element} place @param {Settings} settings @param {Taps} taps */
export function toolbar(place, settings, taps) {
  const { state } = settings;
  const drawn = drawsLines(state.view);
  fill(place, rangeGroup(settings, taps), h('div', { class: 'settings' },
    drawn && steps(settings, taps), drawn && breakdown(settings, taps),
    drawn && select('compare', [...COMPARISONS], state.compare, (compare) => taps.set({ compare: /** @type {any} */ (compare) })),
    state.view !== 'quality' && filters(settings, taps), h('span', { class: 'gap' }), h('div', { class: 'ends' }, drawn && kinds(settings, taps),
      state.view !== 'quality' && h('button', { class: 'icon', data: { key: 'more' }, title: t('more'), 'aria-label': t('more'), 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: owner(taps.more) }, '⋯'))));
}

/** @param {(owner: HTMLElement) => void} tap */
function owner(tap) {
  return (/** @type {Event} */ event) => tap(/** @type {HTMLElement} */ (event.currentTarget));
}

/** @param {Settings} settings @param {Taps} taps */
function rangeGroup({ state, span, now }, taps) {
  const name = 'preset' in state.range && !['month', 'last_month', 'year'].includes(state.range.preset) ? t(`range_${state.range.preset}`) : '';
  return h('div', { class: 'joined range', role: 'group', 'aria-label': t('range') },
    h('button', { class: 'icon', data: { key: 'back' }, title: t('earlier'), 'aria-label': t('earlier'), onclick: () => taps.move(-1) }, '‹'),
    h('button', { data: { key: 'range' }, 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: owner(taps.range) }, name && h('span', { class: 'preset' }, name), h('span', { class: 'span' }, format.span(span.from, span.to))),
    h('button', { class: 'icon', data: { key: 'forward' }, title: span.to > now ? t('no_future') : t('later'), 'aria-label': t('later'), 'aria-disabled': span.to > now ? 'true' : undefined, onclick: () => (span.to > now ? taps.refused(t('no_future')) : taps.move(1)) }, '›'));
}

/** @param {Settings} settings @param {Taps} taps */
function steps(settings, taps) {
  const all = /** @type {(Step|'auto')[]} */ (['auto', ...STEPS]);
  return h('div', { class: 'joined', role: 'group', 'aria-label': t('step') }, ...all.map((one) => stepButton(one, settings, taps)));
}

/** A step that cannot be had stays reachable by keyboard, and says why. @param {Step|'auto'} one @param {Settings} settings @param {Taps} taps */
function stepButton(one, { state, asked, step }, taps) {
  const off = one !== 'auto' && tooMany(asked, one);
  const auto = t(`step_${step}`).toLowerCase();
  const reason = off ? t('too_many_buckets', { days: Math.round((asked.to - asked.from) / DAY) }) : one === 'auto' ? t('step_auto_hint', { step: auto }) : '';
  const props = {
    data: { key: `step ${one}` }, class: one === 'auto' ? 'auto' : '', title: reason || undefined,
    'aria-pressed': state.step === one ? 'true' : 'false', 'aria-disabled': off ? 'true' : undefined,
    onclick: () => (off ? taps.refused(reason) : taps.set({ step: one })),
  };
  return h('button', props, t(`step_${one}`), one === 'auto' && state.step === 'auto' && h('small', {}, ` ${auto}`));
}

/** @param {Settings} settings @param {Taps} taps */
function breakdown({ state, metrics }, taps) {
  const possible = DIMENSIONS.filter((name) => name === state.by || metrics.some((metric) => metric.dimensions.includes(name)));
  return h('div', { class: 'joined' },
    select('by', ['none', ...possible], state.by, (by) => taps.set({ by: /** @type {any} */ (by), off: [] })),
    state.by !== 'none' && select('top', TOPS.map(String), String(state.top), (top) => taps.set({ top: Number(top) })));
}

/** @param {string} name @param {string[]} options @param {string} chosen @param {(value: string) => void} changed */
function select(name, options, chosen, changed) {
  const words = (/** @type {string} */ option) => (name === 'top' ? t('top', { n: option }) : t(`${name}_${option}`));
  const made = h('select', { data: { key: name }, 'aria-label': t(name), title: t(name), class: chosen === 'none' ? 'none' : 'chosen', onchange: (/** @type {Event} */ event) => changed(/** @type {HTMLSelectElement} */ (event.currentTarget).value) },
    ...options.map((option) => h('option', { value: option, selected: option === chosen }, option === 'none' ? t(`${name}_none`) : words(option))));
  made.value = chosen;
  return made;
}

/** @param {Settings} settings @param {Taps} taps */
function filters(settings, taps) {
  const chips = DIMENSIONS.filter((name) => settings.state.filters[name]?.length).map((name) => chip(name, settings, taps));
  const props = { class: 'quiet', data: { key: 'filters' }, 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: owner(taps.filters) };
  return h('div', { class: 'filters' }, ...chips, h('button', props, icon('filter'), t('filter')));
}

/** @param {Dimension} name @param {Settings} settings @param {Taps} taps */
function chip(name, { state, labelOf }, taps) {
  const values = state.filters[name] ?? [];
  const text = values.length === 1 ? valueLabel(name, values[0], labelOf(name, values[0])) : t('values_n', { n: values.length });
  const opened = owner((button) => taps.filter(button, name));
  const removed = () => {
    find('[data-key=filters]').focus({ preventScroll: true }); // its own button will not be there any more
    taps.set({ filters: { ...state.filters, [name]: undefined } });
  };
  return h('span', { class: 'chip' },
    h('button', { data: { key: `filter ${name}` }, 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: opened }, `${t(`by_${name}`)}: `, h('b', {}, text)),
    h('button', { class: 'remove', 'aria-label': t('remove_filter', { name: t(`by_${name}`) }), onclick: removed }, '×'));
}

/** @param {Settings} settings @param {Taps} taps */
function kinds({ state }, taps) {
  return h('div', { class: 'joined kinds', role: 'group', 'aria-label': t('kind') }, ...KINDS.map((kind) =>
    h('button', { data: { key: `kind ${kind}` }, 'aria-pressed': state.kind === kind ? 'true' : 'false', title: t(`kind_${kind}`), 'aria-label': t(`kind_${kind}`), onclick: () => taps.set({ kind }, 'all') }, icon(kind))));
}
