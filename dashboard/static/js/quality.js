// The quality page: how far the numbers can be trusted, and what to put right. Only what the API says is shown.

import { fill, h } from './dom.js';
import { t } from './i18n.js';

/** @param {HTMLElement} place @param {any} found */
export function quality(place, found) {
  fill(place, h('h2', {}, t('quality')), h('pre', {}, JSON.stringify(found, null, 1)));
}
