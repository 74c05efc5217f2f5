// Questions to the API of this server, and what is changed there. A later question of the same kind ends the one before
// it; who is not signed in, or no longer, is sent to sign in and comes back to the same chart.

/** No answer, the API's while it begins or ends, and those of a proxy before it meanwhile. */
const AWAY = [0, 502, 503, 504];

/** What the API says is wrong: its words, and the parameter they are about. */
export class Problem extends Error {
  /** @param {string} detail @param {number} status @param {string} [parameter] */
  constructor(detail, status, parameter) {
    super(detail);
    this.status = status;
    this.parameter = parameter;
  }

  /** As while the server is restarted: the same question can be answered later. */
  get passing() {
    return AWAY.includes(this.status);
  }
}

/** @type {Map<string, AbortController>} */
const asking = new Map();

/**
 * @param {string} kind questions of one kind follow each other
 * @param {string[]} paths asked together
 * @returns {Promise<any[]>} rejected with AbortError when a later one has come
 */
export async function ask(kind, ...paths) {
  asking.get(kind)?.abort();
  const control = new AbortController();
  asking.set(kind, control);
  try {
    return await Promise.all(paths.map((path) => one(path, control.signal)));
  } finally {
    if (asking.get(kind) === control) asking.delete(kind);
  }
}

/** What is under way is wanted no more. @param {string} kind */
export function cancel(kind) {
  asking.get(kind)?.abort();
}

/** @param {unknown} error */
export function cancelled(error) {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Whose the page is; each change carries the session's token, which no other site can know. @type {import('./types.js').Session|null} */
let session = null;

/** @param {import('./types.js').Session} found */
export function allowChanges(found) {
  session = found;
}

/** @param {'POST'|'PUT'|'DELETE'} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
export async function send(method, path, body) {
  const answer = await sent(method, path, body);
  return read(answer.status === 403 && (await renewed()) ? await sent(method, path, body) : answer);
}

/** @param {string} method @param {string} path @param {unknown} body */
function sent(method, path, body) {
  const headers = { Accept: 'application/json', 'X-CSRF-Token': session?.csrf ?? '', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) };
  return fetch(`/api/v1/${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

/** Whether the same person has signed in anew, in another tab: somebody else changes nothing from this one. */
async function renewed() {
  const [found] = await ask('session', 'session');
  if (found.csrf === session?.csrf || (session && found.user?.name !== session.user?.name)) return false;
  session = found;
  return true;
}

/** A file, and what the server calls it. @param {string} path @returns {Promise<{name: string, content: Blob}>} */
export async function download(path) {
  const answer = await fetch(`/api/v1/${path}`);
  if (!answer.ok) return read(answer);
  const [, name] = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '') ?? ['', path.split('?')[0]];
  return { name, content: await answer.blob() };
}

/** @param {string} path @param {AbortSignal} signal */
async function one(path, signal) {
  return read(await fetch(`/api/v1/${path}`, { signal, headers: { Accept: 'application/json' } }));
}

/** @param {Response} answer @returns {Promise<any>} */
async function read(answer) {
  if (answer.status === 401) return signIn();
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(String(body.detail ?? answer.statusText), answer.status, body.parameter);
  return body;
}

/** @returns {Promise<never>} the page is left */
export function signIn() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  return new Promise(() => undefined);
}
