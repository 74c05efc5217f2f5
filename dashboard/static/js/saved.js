// Views that people have named: opened by a click, saved from what is shown, shared with the organisation or not.

import { send } from './api.js';
import { removing } from './annotate.js';
import { change } from './asking.js';
import { fill, h } from './dom.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { loadSaved } from './noted.js';
import { page } from './page.js';
import { popover } from './popover.js';
import { done } from './problems.js';
import { read, write } from './state.js';

/** @typedef {import('./types.js').SavedView} SavedView */

/** @param {HTMLElement} owner */
export function openSaved(owner) {
  const list = h('div', { class: 'saved' });
  const draw = () => fill(list, page.saved.length ? null : h('p', { class: 'hint padded' }, t('saved_none')), ...page.saved.map((view) => row(view, close, draw)));
  let close = () => {};
  popover(owner, t('saved_views'), (closing) => {
    close = closing;
    draw();
    return [list, h('hr'), saving(null, draw)];
  }, { wide: true });
}

/** @param {SavedView} view @param {() => void} close @param {() => void} draw */
function row(view, close, draw) {
  const hint = [view.shared ? t('saved_shared') : '', view.editable ? '' : view.owner, format.moment(view.updated_at, page.zone)].filter(Boolean).join(' · ');
  const edit = h('button', { class: 'icon', 'aria-label': t('saved_edit', { name: view.name }), title: t('saved_edit', { name: view.name }), data: { key: `edit ${view.id}` }, onclick: () => line.replaceWith(saving(view, draw)) }, icon('edit'));
  const line = h('div', { class: 'saved-row' },
    h('button', { class: 'row', data: { key: `saved ${view.id}` }, 'aria-current': view.state === write(page.state) ? 'true' : undefined, onclick: () => { close(); change(read(view.state)); } }, h('span', {}, view.name), h('small', {}, hint)), view.editable && edit);
  return line;
}

/** The form of a new one, or of one that there is. @param {SavedView|null} view @param {() => void} draw */
function saving(view, draw) {
  const name = h('input', { type: 'text', required: true, maxlength: '100', value: view?.name ?? '', placeholder: t('saved_name'), 'aria-label': t('saved_name'), data: { key: 'saved name' } });
  const shared = h('input', { type: 'checkbox', checked: view?.shared ?? false, data: { key: 'saved shared' } });
  const anew = h('input', { type: 'checkbox', checked: false });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!name.value.trim()) return name.focus();
    const body = { name: name.value.trim(), state: view && !anew.checked ? view.state : write(page.state), shared: shared.checked };
    void finish(view ? send('PUT', `views/${encodeURIComponent(view.id)}`, body) : send('POST', 'views', body), draw, problem, () => { name.value = ''; });
  };
  const remove = view && removing('saved remove', () => void finish(send('DELETE', `views/${encodeURIComponent(view.id)}`), draw, problem));
  return h('form', { class: 'form', onsubmit: submit, novalidate: true }, h('b', {}, view ? '' : t('saved_new')), name,
    h('label', { class: 'choice' }, shared, h('span', {}, t('saved_share'))), view && h('label', { class: 'choice' }, anew, h('span', {}, t('saved_anew'))), problem,
    h('div', { class: 'buttons' }, h('button', { class: 'primary', data: { key: 'saved save' } }, t('save')), remove));
}

/** @param {Promise<unknown>} sending @param {() => void} draw @param {HTMLElement} problem @param {() => void} [then] */
async function finish(sending, draw, problem, then) {
  if (!(await done(sending.then(loadSaved), problem))) return;
  draw();
  then?.();
}
