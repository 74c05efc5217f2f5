// Who is signed in, in the head of the page; and the way out.

import { allowChanges, ask, send, signIn } from './api.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { page } from './page.js';
import { popover } from './popover.js';

export async function loadSession() {
  const [session] = await ask('session', 'session');
  page.session = session;
  allowChanges(session.csrf);
}

/** Nothing as long as nobody has to sign in. */
export function who() {
  const user = page.session?.open ? null : page.session?.user;
  if (!user?.name) return null; // this machine itself, or nobody can sign in yet
  const words = t('signed_in_as', { name: user.name });
  return h('button', { class: 'icon text who', data: { key: 'who' }, title: words, 'aria-label': words, 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: (/** @type {Event} */ event) => open(/** @type {HTMLElement} */ (event.currentTarget), user) }, icon('person'), h('span', {}, user.name));
}

/** @param {HTMLElement} owner @param {import('./types.js').User} user */
function open(owner, user) {
  const named = (/** @type {string} */ dimension, /** @type {string} */ value) => page.dimensions[dimension]?.find((item) => item.value === value)?.label ?? value;
  const sees = user.services.length ? user.services.map((service) => named('service', service)).join(', ') : user.organisation ? named('organisation', user.organisation) : t('all_organisations');
  popover(owner, t('signed_in_as', { name: user.name ?? '' }), () => [
    h('div', { class: 'about' }, h('b', {}, user.name), h('p', { class: 'hint' }, `${t(`role_${user.role}`)} · ${sees}`), !user.phones && h('p', { class: 'hint' }, t('phones_masked'))),
    h('hr'), h('button', { class: 'row', data: { key: 'sign-out' }, onclick: signOut }, t('sign_out')),
  ]);
}

async function signOut() {
  await send('DELETE', 'session').catch(() => undefined); // whose session is over already is out as well
  await signIn();
}
