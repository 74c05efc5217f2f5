// What went wrong, in words: what to do about it in the language chosen, and below it what the API said, which is English.

import { Problem } from './api.js';
import { fill, h } from './dom.js';
import { has, t } from './i18n.js';

/** @param {unknown} error */
export function sentence(error) {
  const status = error instanceof Problem ? error.status : 0;
  if (!status) return t('unreachable');
  return t(has(`problem_${status}`) ? `problem_${status}` : 'problem_other', { status });
}

/** @param {unknown} error @param {string} [more] said after the sentence @returns {(Node|string|null)[]} */
export function explained(error, more = '') {
  const detail = error instanceof Problem && error.status ? error.message : '';
  return [`${sentence(error)}${more && ` ${more}`}`, detail ? h('small', { class: 'detail' }, detail) : null];
}

/** Waits for a change, which its form can send once; what went wrong is said beside it. @param {Promise<unknown>} sending @param {HTMLElement} place */
export async function done(sending, place) {
  const release = hold(place.closest('form'));
  try {
    await sending;
    return true;
  } catch (error) {
    fill(place, ...explained(error));
    return false;
  } finally {
    release();
  }
}

/** Its buttons are off until it is let go of; the one that had the focus has it again. @param {HTMLFormElement|null} form */
function hold(form) {
  const buttons = [...(form?.querySelectorAll('button') ?? [])];
  const active = buttons.find((one) => one === document.activeElement);
  for (const one of buttons) one.disabled = true;
  return () => {
    for (const one of buttons) one.disabled = false;
    if (document.activeElement === document.body) active?.focus({ preventScroll: true });
  };
}
