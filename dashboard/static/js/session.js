// Who is signed in, in the head of the page; and the way out.

import { allowChanges, ask, send, signIn } from './api.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { labelOf, page } from './page.js';
import { popover } from './popover.js';
import { done } from './problems.js';

export async function loadSession() {
  const [session] = await ask('session', 'session');
  page.session = session;
  allowChanges(session);
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
  const problem = h('p', { class: 'problem', role: 'alert' });
  popover(owner, t('signed_in_as', { name: user.name ?? '' }), () => [
    h('div', { class: 'about' }, h('b', {}, user.name), h('p', { class: 'hint' }, `${t(`role_${user.role}`)} · ${seen(user)}`), !user.phones && h('p', { class: 'hint' }, t('phones_masked'))),
    h('hr'), h('button', { class: 'row', data: { key: 'sign-out' }, onclick: () => signOut(problem) }, t('sign_out')), problem,
  ]);
}

/** What somebody may see. @param {import('./types.js').User} user */
function seen({ services, organisation }) {
  if (services.length) return services.map((service) => labelOf('service', service)).join(', ');
  return organisation ? labelOf('organisation', organisation) : t('all_organisations');
}

/** Whose session is over already is out as well; who could not be signed out is not, and hears it. @param {HTMLElement} problem */
async function signOut(problem) {
  if (await done(send('DELETE', 'session'), problem)) await signIn();
}
