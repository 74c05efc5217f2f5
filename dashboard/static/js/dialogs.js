// Dialogs over the page: what fingers, mouse and keys do.

import { find, h } from './dom.js';
import { t } from './i18n.js';
import { remember, remembered } from './theme.js';
import { byFinger } from './touch.js';

/** @param {string} title @param {(Node|string)[]} content @param {string} [kind] */
export function dialog(title, content, kind = '') {
  const made = h('dialog', { class: kind, 'aria-label': title }, h('header', {}, h('h2', {}, title), h('button', { class: 'icon', 'aria-label': t('close'), title: t('close'), onclick: () => made.close() }, '×')), ...content);
  const before = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined;
  made.addEventListener('close', () => {
    made.remove();
    if (before !== undefined && document.activeElement === document.body) find(`[data-key="${CSS.escape(before)}"]`).focus({ preventScroll: true }); // drawn anew meanwhile
  });
  made.addEventListener('click', (event) => event.target === made && made.close());
  document.body.append(made);
  made.showModal();
  return made;
}

/** Single keys can be switched off, for those who speak to their computer. */
export function singleKeys() {
  return remembered('keys') !== 'off';
}

/** @type {[string, string][]} */
const KEYS = [['M', 'key_metrics'], ['R', 'key_range'], ['[ ]', 'key_move'], ['+ −', 'key_zoom'], ['0 1 2 3 4', 'key_steps'], ['E', 'key_event'], ['V', 'key_saved'], ['C', 'key_compare'], ['K', 'key_kind'], ['G', 'key_chart'], ['T', 'key_table'], ['?', 'key_help'], ['← →', 'key_arrows'], ['↑ ↓', 'key_lines'], ['Enter', 'key_enter']];

export function help() {
  const presses = byFinger() ? [['tap_again', 'key_enter'], ['hold_drag', 'key_drag'], ['hold_series', 'key_alone']] : [['drag', 'key_drag'], ['alt_click', 'key_alone']];
  dialog(t('shortcuts'), [
    h('dl', { class: 'keys' }, ...presses.flatMap(([way, what]) => [h('dt', {}, t(way)), h('dd', {}, t(what))]),
      ...KEYS.flatMap(([keys, what]) => [h('dt', {}, ...keys.split(' ').map((key) => h('kbd', {}, key))), h('dd', {}, t(what))])),
    h('label', { class: 'choice' }, h('input', { type: 'checkbox', checked: singleKeys(), onchange: (/** @type {Event} */ event) => remember('keys', /** @type {HTMLInputElement} */ (event.currentTarget).checked ? 'on' : 'off') }), h('span', {}, t('shortcuts_on'))),
  ]);
}
