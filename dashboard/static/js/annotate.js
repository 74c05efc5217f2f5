// What an event of the chart is, and its form: to note what happened, change it, take it away. Campaigns are the
// directory's and only shown.

import { send } from './api.js';
import { change } from './asking.js';
import { fill, h } from './dom.js';
import { when } from './events.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { spanOf } from './marks.js';
import { loadAnnotations } from './noted.js';
import { inView, page } from './page.js';
import { popover } from './popover.js';
import { explained } from './problems.js';
import { DAY, HOUR, formatWall } from './range.js';

/** @typedef {import('./types.js').Annotation} Annotation */

/** @param {HTMLElement} owner @param {Annotation} annotation */
export function openEvent(owner, annotation) {
  popover(owner, annotation.title, (close) => annotation.editable ? form(annotation, close) : about(annotation, close), { wide: true });
}

/** @param {HTMLElement} owner @param {number} [at] wall time of what happened */
export function newEvent(owner, at) {
  const from = at ?? Math.max(inView().span.from, inView().span.to - DAY);
  popover(owner, t('new_event'), (close) => form({ id: '', kind: 'incident', title: '', from: formatWall(from), until: null, service: page.state.filters.service?.[0] ?? null, gateways: [], spend: null, currency: null, organisation: page.state.organisation || null, editable: true }, close), { wide: true });
}

/** @param {Annotation} annotation @param {() => void} close */
function about(annotation, close) {
  const { from, to } = spanOf(annotation);
  const facts = [
    serviceName(annotation.service), ...(annotation.gateways.length ? [`${t('by_gateway')}: ${annotation.gateways.join(', ')}`] : []),
    ...(annotation.spend ? [`${t('spend')}: ${format.value(annotation.spend, 'money', annotation.currency)}`] : []),
  ];
  return [h('div', { class: 'about' }, h('p', { class: 'hint' }, `${t(`kind_of_${annotation.kind}`)} · ${when(annotation)}`), h('b', {}, annotation.title), ...facts.map((fact) => h('p', {}, fact)), h('p', { class: 'hint' }, t('from_directory')),
    annotation.kind === 'campaign' && annotation.until !== null && h('button', { class: 'primary', onclick: () => { close(); change({ view: 'advert', range: { from, to }, compare: 'previous' }); } }, t('check_campaign')))];
}

/** @param {string|null} service */
function serviceName(service) {
  return service === null ? t('whole_organisation') : page.dimensions.service?.find((item) => item.value === service)?.label ?? service;
}

/** @param {string} text a wall time, as the field has it */
function field(text) {
  return text.length > 10 ? text.slice(0, 16) : `${text}T00:00`;
}

/** @param {Annotation} annotation @param {() => void} close @returns {(Node|false)[]} */
function form(annotation, close) {
  const title = h('input', { type: 'text', required: true, maxlength: '200', value: annotation.title, data: { key: 'event title' } });
  const from = h('input', { type: 'datetime-local', required: true, step: '3600', value: field(annotation.from), data: { key: 'event from' } });
  const until = h('input', { type: 'datetime-local', step: '3600', value: annotation.until === null ? '' : field(annotation.until), data: { key: 'event until' } });
  const services = (page.dimensions.service ?? []).filter((item) => item.value && item.in_directory && (!page.state.organisation || item.organisations.includes(page.state.organisation)));
  const service = h('select', { class: 'none' }, h('option', { value: '' }, t('whole_organisation')), ...services.map((item) => h('option', { value: item.value }, item.label)));
  service.value = annotation.service ?? '';
  const problem = h('p', { class: 'problem', role: 'alert' });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!title.value.trim() || !from.value || (until.value && until.value <= from.value)) {
      problem.textContent = t('bad_event');
      return;
    }
    const body = { title: title.value.trim(), from: hour(from.value), until: until.value ? hour(until.value) : null, service: service.value || null, organisation: annotation.organisation };
    void done(annotation.id ? send('PUT', `annotations/${encodeURIComponent(annotation.id)}`, body) : send('POST', 'annotations', body), close, problem);
  };
  const remove = h('button', { type: 'button', class: 'quiet danger', data: { key: 'event remove' }, onclick: () => (sure(remove) ? void done(send('DELETE', `annotations/${encodeURIComponent(annotation.id)}`), close, problem) : undefined) }, t('delete'));
  return [h('form', { class: 'form', onsubmit: submit, novalidate: true },
    h('label', {}, t('event_title'), title), h('div', { class: 'two' }, h('label', {}, t('event_from'), from), h('label', {}, t('event_until'), until)), h('p', { class: 'hint' }, t('event_until_hint')),
    services.length > 1 && h('label', {}, t('by_service'), service), problem,
    h('div', { class: 'buttons' }, h('button', { class: 'primary', data: { key: 'event save' } }, t('save')), annotation.id && remove))];
}

/** Whole hours, as everything here. @param {string} text */
function hour(text) {
  return new Date(Math.floor(Date.parse(`${text}Z`) / HOUR) * HOUR).toISOString().slice(0, 16);
}

/** The first press asks, the second does it. @param {HTMLElement} button */
export function sure(button) {
  if (button.dataset.sure) return true;
  button.dataset.sure = '1';
  button.textContent = t('delete_sure');
  return false;
}

/** @param {Promise<unknown>} sending @param {() => void} close @param {HTMLElement} problem */
async function done(sending, close, problem) {
  try {
    await sending;
    close();
    await loadAnnotations();
  } catch (error) {
    fill(problem, ...explained(error));
  }
}
