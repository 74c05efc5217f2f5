// Small pictures on buttons; what they mean is in the button's own name.

import { svg } from './dom.js';

/** @type {Record<string, string>} */
const PATHS = {
  line: 'M2 13l4.5-5 3.500 3 6-7.500',
  bar: 'M3.500 15v-5M9 15V4M14.500 15v-8',
  stack: 'M2.500 10.500h4v4.500h-4zM2.500 6.500h4v4h-4zM11 8.500h4V15h-4zM11 3h4v5.500h-4z',
  share: 'M4.500 14.500l9-11M5 6.500a1.700 1.700 0 1 0 0-3.400a1.700 1.700 0 0 0 0 3.400zM13 15a1.700 1.700 0 1 0 0-3.400a1.700 1.700 0 0 0 0 3.400z',
  filter: 'M2.500 4h13M5 9h8M7.500 14h3',
};

/** @param {string} name */
export function icon(name) {
  return svg('svg', { viewBox: '0 0 18 18', class: 'glyph', 'aria-hidden': 'true' }, svg('path', { d: PATHS[name] }));
}
