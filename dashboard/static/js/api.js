// Questions to the API of this server. A later question of the same kind ends the one before it.

/** What the API says is wrong: its words, and the parameter they are about. */
export class Problem extends Error {
  /** @param {string} detail @param {number} status @param {string} [parameter] */
  constructor(detail, status, parameter) {
    super(detail);
    this.status = status;
    this.parameter = parameter;
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

/** @param {unknown} error */
export function cancelled(error) {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** @param {string} path @param {AbortSignal} signal */
async function one(path, signal) {
  const answer = await fetch(`/api/v1/${path}`, { signal, headers: { Accept: 'application/json' } });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(String(body.detail ?? answer.statusText), answer.status, body.parameter);
  return body;
}
