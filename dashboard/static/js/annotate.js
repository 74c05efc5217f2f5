// What an event of the chart is, and its form: to note what happened, change it, take it away. Campaigns are the
// directory's and only shown.

import { send } from './api.js';
import { change } from './asking.js';
import { h } from './dom.js';
import { when } from './events.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { loadAnnotations } from './noted.js';
import { inView, labelOf, page } from './page.js';
import { popover } from './popover.js';
import { done } from './problems.js';
import { DAY, HOUR, formatWall } from './range.js';
import { checkOf } from './views.js';

/** @typedef {import('./types.js').Annotation} Annotation */

/** @param {HTMLElement} owner @param {Annotation} annotation */
export function openEvent(owner, annotation) {
  popover(owner, annotation.title, (close) => annotation.editable ? form(annotation, close) : about(annotation, close), { wide: true });
}

/** @param {HTMLElement} owner @param {number} [at] wall time of what happened */
export function newEvent(owner, at) {
  const from = at ?? Math.max(inView().span.from, inView().span.to - DAY);
  popover(owner, t('new_event'), (close) => form(unwritten(from), close), { wide: true });
}

/** @param {number} from @returns {Annotation} */
function unwritten(from) {
  const { organisation, filters } = page.state;
  return {
    id: '', kind: 'incident', title: '', from: formatWall(from), until: null, service: filters.service?.[0] ?? null, gateways: [], spend: null, currency: null,
    organisation: organisation || null, editable: true,
  };
}

/** @param {Annotation} annotation @param {() => void} close */
function about(annotation, close) {
  const facts = [
    annotation.service === null ? whole(annotation.organisation) : labelOf('service', annotation.service), ...(annotation.gateways.length ? [`${t('by_gateway')}: ${annotation.gateways.join(', ')}`] : []),
    ...(annotation.spend ? [`${t('spend')}: ${format.value(annotation.spend, 'money', annotation.currency)}`] : []),
  ];
  return [h('div', { class: 'about' }, h('p', { class: 'hint' }, `${t(`kind_of_${annotation.kind}`)} · ${when(annotation)}`), h('b', {}, annotation.title), ...facts.map((fact) => h('p', {}, fact)),
    annotation.kind === 'campaign' && h('p', { class: 'hint' }, t('from_directory')),
    annotation.kind === 'campaign' && annotation.until !== null && h('button', { class: 'primary', onclick: () => { close(); change(checkOf(annotation)); } }, t('check_campaign')))];
}

/** What it is of where it is of no service. An incident of the provider, of no organisation, is everybody's. @param {string|null} organisation */
function whole(organisation) {
  return t(ofAll(organisation) ? 'every_organisation' : 'whole_organisation');
}

/** Who is of an organisation can note nothing for others. @param {string|null} organisation */
function ofAll(organisation) {
  return organisation === null && !page.session?.user?.organisation;
}

/** @param {string} text a wall time, as the field has it */
function field(text) {
  return text.length > 10 ? text.slice(0, 16) : `${text}T00:00`;
}

/** @typedef {{title: HTMLInputElement, from: HTMLInputElement, until: HTMLInputElement, service: HTMLSelectElement}} Fields */

/** @param {Annotation} annotation @returns {Fields} */
function fieldsOf({ title, from, until, service, organisation }) {
  const time = (/** @type {string} */ key, /** @type {string|null} */ value, /** @type {boolean} */ required) =>
    h('input', { type: 'datetime-local', required, step: '3600', value: value === null ? '' : field(value), data: { key } });
  return {
    title: h('input', { type: 'text', required: true, maxlength: '200', value: title, data: { key: 'event title' } }),
    from: time('event from', from, true),
    until: time('event until', until, false),
    service: serviceSelect(service, organisation),
  };
}

/** @param {string|null} chosen @param {string|null} organisation */
function serviceSelect(chosen, organisation) {
  const options = services().map((item) => h('option', { value: item.value }, item.label));
  const select = h('select', { class: 'none', data: { key: 'event service' } }, h('option', { value: '' }, whole(organisation)), ...options);
  select.value = chosen ?? '';
  return select;
}

/** Those of the directory, of the organisation that is shown. */
function services() {
  const { organisation } = page.state;
  return (page.dimensions.service ?? []).filter((item) => item.value && item.in_directory && (!organisation || item.organisations.includes(organisation)));
}

/** What the API is to keep; null, if it is none. @param {Fields} fields */
function written({ title, from, until, service }) {
  if (!title.value.trim() || !from.value || (until.value && until.value <= from.value)) return null;
  return { title: title.value.trim(), from: hour(from.value), until: until.value ? hour(until.value) : null, service: service.value || null };
}

/** @param {Annotation} annotation @param {() => void} close @returns {Node[]} */
function form(annotation, close) {
  const fields = fieldsOf(annotation);
  const problem = h('p', { class: 'problem', role: 'alert' });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const body = written(fields);
    if (body) void keep(annotation, body, close, problem);
    else problem.textContent = t('bad_event');
  };
  const choice = services().length > 1 || ofAll(annotation.organisation);
  return [h('form', { class: 'form', onsubmit: submit, novalidate: true },
    h('label', {}, t('event_title'), fields.title),
    h('div', { class: 'two' }, h('label', {}, t('event_from'), fields.from), h('label', {}, t('event_until'), fields.until)),
    h('p', { class: 'hint' }, t('event_until_hint')),
    choice && h('label', {}, t('by_service'), fields.service),
    problem,
    h('div', { class: 'buttons' }, h('button', { class: 'primary', data: { key: 'event save' } }, t('save')), annotation.id && removal(annotation, close, problem)))];
}

/** @param {Annotation} annotation @param {() => void} close @param {HTMLElement} problem */
function removal({ id }, close, problem) {
  return removing('event remove', () => void finish(send('DELETE', `annotations/${encodeURIComponent(id)}`), close, problem));
}

/** @param {Annotation} annotation @param {object} body @param {() => void} close @param {HTMLElement} problem */
function keep({ id, organisation }, body, close, problem) {
  const whole = { ...body, organisation };
  return finish(id ? send('PUT', `annotations/${encodeURIComponent(id)}`, whole) : send('POST', 'annotations', whole), close, problem);
}

/** @param {Promise<unknown>} sending @param {() => void} close @param {HTMLElement} problem */
async function finish(sending, close, problem) {
  if (!(await done(sending, problem))) return;
  close();
  await loadAnnotations();
}

/** Whole hours, as everything here. @param {string} text */
function hour(text) {
  return new Date(Math.floor(Date.parse(`${text}Z`) / HOUR) * HOUR).toISOString().slice(0, 16);
}

/**
 * A button that takes something away: the first press asks, the second does it. A double click is one press, and so is a key
 * that is held down.
 * @param {string} key @param {() => void} act
 */
export function removing(key, act) {
  const pressed = (/** @type {MouseEvent} */ event) => {
    if (event.detail < 2 && sure(button)) act();
  };
  const held = (/** @type {KeyboardEvent} */ event) => event.repeat && event.preventDefault();
  const button = h('button', { type: 'button', class: 'quiet danger', data: { key }, onclick: pressed, onkeydown: held }, t('delete'));
  return button;
}

/** @param {HTMLElement} button */
function sure(button) {
  if (button.dataset.sure) return true;
  button.dataset.sure = '1';
  button.textContent = t('delete_sure');
  return false;
}
