// A panel under its button, on a phone a sheet at the lower edge. One is open at a time; Escape and a click outside close it
// and give the focus back.

import { fill, h } from './dom.js';
import { byFinger } from './touch.js';

/** @type {{close: () => void, owner: HTMLElement}|null} */
let open = null;

/**
 * @param {HTMLElement} owner the button
 * @param {string} label
 * @param {(close: () => void) => (Node|string|false)[]} content
 * @param {{wide?: boolean}} [options]
 */
export function popover(owner, label, content, { wide = false } = {}) {
  const same = open !== null && open.owner.dataset.key === owner.dataset.key;
  open?.close();
  if (same) return;
  const panel = h('div', { class: wide ? 'popover wide' : 'popover', role: 'dialog', 'aria-label': label, tabindex: '-1' });
  /** The button may have been drawn anew meanwhile. */
  const current = () => {
    const again = owner.isConnected ? null : document.querySelector(`[data-key="${CSS.escape(owner.dataset.key ?? '')}"]`);
    return again instanceof HTMLElement ? again : owner;
  };
  const close = () => {
    document.removeEventListener('pointerdown', outside, true);
    panel.remove();
    const again = current();
    again.setAttribute('aria-expanded', 'false');
    open = null;
    if (document.activeElement === document.body || panel.contains(document.activeElement)) again.focus({ preventScroll: true });
  };
  /** @param {Event} event */
  const outside = (event) => {
    const at = /** @type {Node} */ (event.target);
    if (!panel.contains(at) && !current().contains(at)) close();
  };
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    panel.focus();
    close();
  });
  document.addEventListener('pointerdown', outside, true);
  fill(panel, ...content(close));
  document.body.append(panel);
  owner.setAttribute('aria-expanded', 'true');
  open = { close, owner };
  place(panel, owner);
  const first = byFinger() ? null : panel.querySelector('input, button, select, a'); // there a field would bring up the keys, over the panel
  (first instanceof HTMLElement ? first : panel).focus({ preventScroll: true });
}

export function closePopover() {
  open?.close();
}

/** @param {HTMLElement} panel @param {HTMLElement} owner */
function place(panel, owner) {
  if (matchMedia('(max-width: 640px)').matches) return;
  const at = owner.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - panel.offsetWidth - 8));
  panel.style.left = `${left + scrollX}px`;
  const above = at.bottom + 6 + panel.offsetHeight > innerHeight && at.top > panel.offsetHeight + 6;
  panel.style.top = `${(above ? at.top - 6 - panel.offsetHeight : at.bottom + 6) + scrollY}px`;
}
