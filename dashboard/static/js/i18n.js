// The words of the page in the language chosen. Pure but for which language that is.

import { en } from './i18n/en.js';
import { ru } from './i18n/ru.js';

/** @typedef {'ru'|'en'} Language */
/** @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Wording by number, where `n` is given */

/** @type {Record<Language, Record<string, Wording>>} */
export const WORDS = { ru, en };
/** @type {Language} */
let chosen = 'ru';

export function language() {
  return chosen;
}

/** @param {Language} language */
export function speak(language) {
  chosen = language;
}

/** Russian unless the person's languages begin with another. @param {readonly string[]} languages @returns {Language} */
export function preferred(languages) {
  return (languages[0] ?? 'ru').toLowerCase().startsWith('ru') ? 'ru' : 'en';
}

/** @param {string} key @param {Record<string, string|number>} [params] */
export function t(key, params = {}) {
  const wording = WORDS[chosen][key];
  if (wording === undefined) return key;
  const text = typeof wording === 'string' ? wording : plural(wording, Number(params.n));
  return text.replace(/\{(\w+)\}/g, (_, name) => String(params[name] ?? ''));
}

/** @param {string} key */
export function has(key) {
  return key in WORDS[chosen];
}

/** @param {Exclude<Wording, string>} forms @param {number} n */
function plural(forms, n) {
  return forms[new Intl.PluralRules(chosen).select(n)] ?? forms.other ?? forms.many ?? '';
}
