// Single keys anywhere but in fields.

import { singleKeys } from './dialogs.js';

/** @param {Record<string, () => void>} actions by key, lower case */
export function listen(actions) {
  document.addEventListener('keydown', (event) => {
    const at = event.target;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !singleKeys()) return;
    if (document.querySelector('dialog[open]') || (at instanceof HTMLElement && at.closest('input:not([type=checkbox]), select, textarea, .popover'))) return;
    const action = actions[LATIN[event.code] ?? event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** By place on the keyboard, so that they work in the Russian layout too. @type {Record<string, string>} */
const LATIN = { KeyM: 'm', KeyR: 'r', KeyC: 'c', KeyK: 'k', KeyG: 'g', KeyT: 't', KeyV: 'v', KeyE: 'e', BracketLeft: '[', BracketRight: ']' };
