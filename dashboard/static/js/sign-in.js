// The sign-in page: a name and a password become a session; then on to the page that was asked for.

import { preferred } from './i18n.js';
import { SIGN_IN, refusedAs } from './i18n/sign-in.js';
import { landing } from './landing.js';
import * as theme from './theme.js';

/** @typedef {import('./i18n/sign-in.js').Word} Word */

const form = /** @type {HTMLFormElement} */ (document.getElementById('form'));
const problem = /** @type {HTMLElement} */ (document.getElementById('problem'));
const other = /** @type {HTMLElement} */ (document.getElementById('language'));
const kept = theme.remembered('language');
let language = kept === 'ru' || kept === 'en' ? kept : preferred(navigator.languages);

function speak() {
  const words = SIGN_IN[language];
  document.documentElement.lang = language;
  document.title = words.tab;
  other.textContent = words.other;
  other.lang = language === 'ru' ? 'en' : 'ru';
  for (const part of document.querySelectorAll('[data-word]')) {
    part.textContent = words[/** @type {Word} */ (/** @type {HTMLElement} */ (part).dataset.word)];
  }
}

async function enter() {
  const given = Object.fromEntries(new FormData(form));
  const answer = await fetch('/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(given) });
  if (answer.ok) location.replace(landing(new URLSearchParams(location.search).get('next'), location.origin, location.hash));
  else refuse(answer);
}

/** @param {Response} answer */
function refuse(answer) {
  const minutes = Math.ceil(Number(answer.headers.get('Retry-After')) / 60);
  say(SIGN_IN[language][refusedAs(answer.status)].replace('{n}', String(minutes)));
}

/** @param {string} text */
function say(text) {
  problem.textContent = text;
  /** @type {HTMLInputElement} */ (form.elements.namedItem('password')).select();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  problem.textContent = '';
  enter().catch(() => say(SIGN_IN[language].away));
});
other.addEventListener('click', () => {
  language = language === 'ru' ? 'en' : 'ru';
  theme.remember('language', language);
  problem.textContent = '';
  speak();
});
theme.apply();
speak();
