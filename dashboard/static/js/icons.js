// Small pictures on buttons; what they mean is in the button's own name.

import { svg } from './dom.js';

/** @type {Record<string, string>} */
const PATHS = {
  line: 'M2 13l4.5-5 3.500 3 6-7.500',
  bar: 'M3.500 15v-5M9 15V4M14.500 15v-8',
  stack: 'M2.500 10.500h4v4.500h-4zM2.500 6.500h4v4h-4zM11 8.500h4V15h-4zM11 3h4v5.500h-4z',
  share: 'M4.500 14.500l9-11M5 6.500a1.700 1.700 0 1 0 0-3.400a1.700 1.700 0 0 0 0 3.400zM13 15a1.700 1.700 0 1 0 0-3.400a1.700 1.700 0 0 0 0 3.400z',
  person: 'M9 8.500a3 3 0 1 0 0-6a3 3 0 0 0 0 6zM3 15.500c0-3 2.700-4.500 6-4.500s6 1.500 6 4.500',
  star: 'M9 2.500l2 4.200 4.600.600-3.400 3.200.900 4.600L9 12.900l-4.100 2.200.900-4.600-3.400-3.200 4.600-.600z',
  edit: 'M3 15l.800-3.500L12 3.300l2.700 2.700-8.200 8.200z',
  filter: 'M2.500 4h13M5 9h8M7.500 14h3',
};

/** @param {string} name */
export function icon(name) {
  return svg('svg', { viewBox: '0 0 18 18', class: 'glyph', 'aria-hidden': 'true' }, svg('path', { d: PATHS[name] }));
}
