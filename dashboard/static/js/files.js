// What can be taken away: a file made here, without asking anybody.

import { h } from './dom.js';

/** @param {string} name @param {string} address */
function save(name, address) {
  const link = h('a', { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

/** @param {string} name @param {string} text */
export function saveText(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  save(name, address);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** @param {string} name @param {string} address of data */
export function savePicture(name, address) {
  save(name, address);
}
