// Hour by weekday: what an hour of that name has on average. A table, so that it can be read in every way.

import { fill, h } from './dom.js';
import * as format from './format.js';
import { language, t } from './i18n.js';
import { HOUR } from './range.js';

/** @typedef {import('./types.js').Line} Line */
/** @typedef {{sum: number, hours: number}} Cell */

const SHADES = 8;

/** By weekday (Monday first) and hour; hours that are not known do not count. Pure. @param {number[]} walls @param {(number|null)[]} values @param {number} finished @returns {Cell[][]} */
export function cells(walls, values, finished) {
  const week = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => ({ sum: 0, hours: 0 })));
  walls.slice(0, finished).forEach((wall, index) => {
    const value = values[index];
    if (value === null) return;
    const date = new Date(wall);
    const cell = week[(date.getUTCDay() + 6) % 7][date.getUTCHours()];
    cell.sum += value;
    cell.hours += 1;
  });
  return week;
}

/** @param {Element} place @param {Line} line @param {number[]} walls @param {number} finished @param {string|null} currency */
export function heat(place, line, walls, finished, currency) {
  const name = line.metric.label[language()];
  if (!line.metric.additive) {
    fill(place, h('p', { class: 'empty' }, t('heat_refused', { metric: name })));
    return;
  }
  const week = cells(walls, line.values, finished);
  const most = Math.max(0, ...week.flat().map((cell) => (cell.hours ? cell.sum / cell.hours : 0)));
  const hours = Array.from({ length: 24 }, (_, hour) => format.clock(hour * HOUR));
  const title = t('heat_title', { metric: name });
  const body = week.map((row, day) => h('tr', {}, h('th', { scope: 'row' }, format.weekday(day)),
    ...row.map((cell, hour) => square(cell, most, format.weekday(day), hours[hour], line, currency))));
  const table = h('table', { class: 'heat' }, h('caption', {}, title),
    h('thead', {}, h('tr', {}, h('td', {}), ...hours.map((hour) => h('th', { scope: 'col' }, hour.slice(0, 2))))),
    h('tbody', {}, ...body));
  const [scroll, legend] = frame(place);
  scroll.setAttribute('aria-label', title);
  fill(scroll, table);
  fill(legend, ...shades(most, line, currency));
}

/** It stays, and with it how far it is scrolled: on a phone half of the day lies outside. @param {Element} place */
function frame(place) {
  const none = !place.querySelector('.scroll');
  if (none) fill(place, h('div', { class: 'scroll', tabindex: '0', role: 'region' }), h('p', { class: 'legend', 'aria-hidden': 'true' }));
  return place.children;
}

/** @param {Cell} cell @param {number} most @param {string} day @param {string} hour @param {Line} line @param {string|null} currency */
function square(cell, most, day, hour, line, currency) {
  const { unit } = line.metric;
  if (!cell.hours) return h('td', { class: 'none', title: t('heat_none', { day, hour }) }, format.NOTHING);
  const mean = cell.sum / cell.hours;
  const shade = most ? Math.ceil((mean / most) * SHADES) : 0;
  const title = t('heat_cell', { day, hour, value: format.value(mean, unit, currency), total: format.value(cell.sum, unit, currency), n: cell.hours });
  return h('td', { class: `shade-${shade}`, title }, format.short(mean < 10 ? Math.round(mean * 10) / 10 : Math.round(mean), unit, currency));
}

/** @param {number} most @param {Line} line @param {string|null} currency */
function shades(most, line, currency) {
  const text = (/** @type {number} */ value) => format.value(value, line.metric.unit, currency);
  return [text(0), ...Array.from({ length: SHADES + 1 }, (_, shade) => h('span', { class: `shade-${shade}` })), text(most)];
}
