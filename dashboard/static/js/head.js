// Draws what is above the chart: the office, how fresh the numbers are, ready views, the tools and the toolbar.

import { change } from './asking.js';
import { filterChoice, rangeChoice } from './choices.js';
import { help } from './dialogs.js';
import { fill, find, h } from './dom.js';
import * as format from './format.js';
import { language, speak, t } from './i18n.js';
import { icon } from './icons.js';
import { running } from './lines.js';
import { inView, labelOf, now, page } from './page.js';
import { popover } from './popover.js';
import { HOUR, moved } from './range.js';
import { DIMENSIONS, drawsLines } from './state.js';
import { newEvent } from './annotate.js';
import { openSaved } from './saved.js';
import { who } from './session.js';
import { copyLink, saveFile, savePng, say } from './taps.js';
import * as theme from './theme.js';
import { toolbar } from './toolbar.js';
import { READY, current } from './views.js';

/** Numbers that end further back than this before they were asked for are not those of then. */
const LATE_MS = HOUR;

/** @typedef {import('./types.js').Item} Item */

export function drawHead() {
  document.title = t('title');
  document.documentElement.lang = language();
  find('#brand').textContent = t('title');
  find('#skip').textContent = t('skip');
  const organisations = page.dimensions.organisation ?? [];
  fill(find('#where'), organisations.length > 1 && organisationSelect(organisations), h('span', { class: 'gap' }), h('span', { id: 'fresh' }));
  drawFreshness();
  fill(find('#tools'),
    h('button', { class: 'icon text', data: { key: 'language' }, title: language() === 'ru' ? 'In English' : 'По-русски', 'aria-label': language() === 'ru' ? 'EN, in English' : 'RU, по-русски', onclick: switchLanguage }, language() === 'ru' ? 'EN' : 'RU'),
    h('button', { class: 'icon', data: { key: 'theme' }, title: t(`theme_${theme.chosen()}`), 'aria-label': t(`theme_${theme.chosen()}`), onclick: () => { theme.next(); page.redraw('all'); } }, { auto: '◐', light: '☀', dark: '☾' }[theme.chosen()]),
    h('button', { class: 'icon', data: { key: 'help' }, title: t('help'), 'aria-label': t('help'), onclick: help }, '?'), who());
  fill(find('#views'), ...READY.map((ready) => h('button', { data: { key: `view ${ready.name}` }, 'aria-current': current(page.state) === ready.name ? 'page' : undefined, onclick: () => change(ready.patch) }, t(`view_${ready.name}`))),
    h('button', { class: 'saved-views', data: { key: 'saved' }, 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: (/** @type {Event} */ event) => openSaved(/** @type {HTMLElement} */ (event.currentTarget)) }, icon('star'), t('saved_views')),
    h('button', { data: { key: 'quality' }, 'aria-current': page.state.view === 'quality' ? 'page' : undefined, onclick: () => change({ view: 'quality' }) }, t('quality')));
  find('#views').setAttribute('aria-label', t('views'));
}

function switchLanguage() {
  speak(language() === 'ru' ? 'en' : 'ru');
  theme.remember('language', language());
  page.redraw('all');
}

/** @param {Item[]} organisations */
function organisationSelect(organisations) {
  const select = h('select', { data: { key: 'organisation' }, class: 'organisation', 'aria-label': t('organisation'), onchange: () => change({ organisation: select.value, filters: {}, off: [] }) },
    h('option', { value: '' }, t('all_organisations')), ...organisations.map((item) => h('option', { value: item.value }, item.label)));
  select.value = page.state.organisation;
  return select;
}

export function drawFreshness() {
  if (!page.answer || !page.asked) return;
  const until = page.answer.meta.complete_until, late = page.asked.at - Date.parse(until) > LATE_MS;
  const follows = running(page.answer) < page.answer.buckets.length;
  const said = [t('complete_title'), late && t('late_title'), follows && t('following')];
  fill(find('#fresh'), h('span', { class: `fresh ${late ? 'late' : follows && !document.hidden ? 'live' : ''}`, title: said.filter(Boolean).join('; ') },
    t(late ? 'complete_only' : 'complete_until', { at: format.moment(until, page.zone) })));
}

/** @param {() => string} png the chart as a picture */
export function drawControls(png) {
  const { span, asked, step } = inView();
  const open = (/** @type {HTMLElement} */ owner, /** @type {string} */ label, /** @type {(close: () => void) => (Node|string|false)[]} */ content, wide = false) => popover(owner, label, content, { wide });
  toolbar(find('#toolbar'), { state: page.state, span, asked, step, now: now(), metrics: page.state.metrics.flatMap((name) => page.catalogue.get(name) ?? []), labelOf }, {
    set: change,
    move: (way) => change({ range: moved(span, way) }),
    range: (owner) => open(owner, t('range'), (close) => rangeChoice(page.state.range, span, now(), page.begun, (range) => { close(); change({ range }); })),
    filter: openFilter,
    filters: (owner) => open(owner, t('filter'), (close) => DIMENSIONS.filter((name) => page.state.metrics.some((metric) => page.catalogue.get(metric)?.dimensions.includes(name))).map((name) => h('button', { class: 'row', onclick: () => { close(); openFilter(owner, name); } }, t(`by_${name}`)))),
    more: (owner) => open(owner, t('more'), (close) => more(owner, close, png)),
    refused: say,
  });
}

/** @param {HTMLElement} owner @param {import('./state.js').Dimension} name */
function openFilter(owner, name) {
  const at = owner.isConnected ? owner : find(`[data-key="${owner.dataset.key}"]`);
  popover(at, t(`by_${name}`), () => filterChoice(name, organisationItems(name), page.state.filters[name] ?? [], (values) => change({ filters: { ...page.state.filters, [name]: values.length ? values : undefined } })));
}

function organisationItems(/** @type {string} */ name) {
  return (page.dimensions[name] ?? []).filter((item) => !page.state.organisation || item.organisations.includes(page.state.organisation));
}

/** @param {HTMLElement} owner @param {() => void} close @param {() => string} png */
function more(owner, close, png) {
  const check = (/** @type {'values'|'smooth'} */ name) => h('label', { class: 'choice' }, h('input', { type: 'checkbox', checked: page.state[name], onchange: () => change({ [name]: !page.state[name] }, 'all') }), h('span', {}, h('b', {}, t(name)), h('small', {}, t(`${name}_hint`))));
  const row = (/** @type {string} */ name, /** @type {() => void} */ tap) => h('button', { class: 'row', onclick: () => { close(); tap(); } }, t(name));
  return [check('values'), check('smooth'), h('hr'), row('new_event', () => newEvent(find(`[data-key="${owner.dataset.key}"]`))), h('hr'), row('save_xlsx', () => saveFile('xlsx')), row('save_csv', () => saveFile('csv')), drawsLines(page.state.view) && row('save_png', () => savePng(png())), row('copy_link', copyLink), row('print', () => print())];
}
