// Where to go after signing in: comes in what the address asks for, goes out an address of this server, whatever was asked.
// Pure.

/**
 * In full: a path alone, such as //elsewhere, could lead to another server.
 * @param {string|null} asked @param {string} origin @param {string} [hash] of the sign-in page, for an address without one
 */
export function landing(asked, origin, hash = '') {
  try {
    const found = new URL(asked ?? '/', origin);
    if (!found.href.startsWith(`${origin}/`)) return '/';
    found.hash ||= hash;
    return found.href;
  } catch {
    return '/'; // no address at all
  }
}
