// Which metrics are on the chart: grouped, searchable, each with what it means. What cannot be chosen says why.

import { fill, h } from './dom.js';
import { language, t, has } from './i18n.js';
import { MOST_METRICS } from './state.js';

/** @typedef {import('./types.js').Metric} Metric */

/**
 * @param {Metric[]} metrics @param {string[]} chosen @param {(names: string[]) => void} changed
 * @returns {Node[]}
 */
export function picker(metrics, chosen, changed) {
  let names = [...chosen];
  const list = h('div', { class: 'choices' });
  const count = h('p', { class: 'hint', 'aria-live': 'polite' });
  const search = h('input', { type: 'search', placeholder: t('search_metrics'), 'aria-label': t('search_metrics'), oninput: () => draw() });
  const toggle = (/** @type {string} */ name) => {
    names = names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
    changed(names);
    draw();
  };
  const draw = () => {
    count.textContent = names.length >= MOST_METRICS ? t('most_metrics', { n: MOST_METRICS }) : t('chosen_of', { n: names.length, most: MOST_METRICS });
    const found = metrics.filter((metric) => matches(metric, search.value));
    const groups = [...new Set(found.map((metric) => metric.group))];
    fill(list, ...groups.map((group) => h('fieldset', {}, h('legend', {}, has(`group_${group}`) ? t(`group_${group}`) : group),
      ...found.filter((metric) => metric.group === group).map((metric) => choice(metric, names, toggle)))),
    !found.length && h('p', { class: 'hint' }, t('nothing_found')));
  };
  draw();
  return [h('div', { class: 'picker-head' }, search, count), list];
}

/** @param {Metric} metric @param {string[]} names @param {(name: string) => void} toggle */
function choice(metric, names, toggle) {
  const on = names.includes(metric.name);
  const full = (!on && names.length >= MOST_METRICS) || (on && names.length === 1);
  return h('label', { class: 'choice', title: full ? t(on ? 'last_metric' : 'most_metrics', { n: MOST_METRICS }) : undefined },
    h('input', { type: 'checkbox', checked: on, disabled: full, data: { key: `metric ${metric.name}` }, onchange: () => toggle(metric.name) }),
    h('span', {}, h('b', {}, metric.label[language()]), h('small', {}, metric.explanation[language()])));
}

/** In both languages, each word of it. @param {Metric} metric @param {string} text */
function matches(metric, text) {
  const all = `${metric.name} ${Object.values(metric.label).join(' ')} ${Object.values(metric.explanation).join(' ')}`.toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}
