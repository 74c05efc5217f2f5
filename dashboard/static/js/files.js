// What can be taken away as a file: of the API, or made here.

import { h } from './dom.js';

/** @param {string} name empty: as the server names it @param {string} address */
export function save(name, address) {
  const link = h('a', { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}
