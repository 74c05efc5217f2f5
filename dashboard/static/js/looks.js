// How one line is told from another without colour: dash, marker and hatching by the same number as the colour.

import { svg } from './dom.js';

export const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle', 'emptyDiamond', 'circle'];
/** @type {('solid'|number[])[]} */
export const DASHES = ['solid', 'solid', 'solid', 'solid', [8, 3], [8, 3], [8, 3], [8, 3], [2, 3]];

/** @type {Record<string, string>} */
const SHAPES = {
  circle: 'M14 3.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7z',
  rect: 'M10.8 3.8h6.4v6.4h-6.4z',
  triangle: 'M14 2.8l4 7.4h-8z',
  diamond: 'M14 2.4l4.2 4.6l-4.2 4.6l-4.2-4.6z',
};

/** The line with its marker, for a pill. @param {number} look @param {string} colour */
export function swatch(look, colour) {
  const symbol = SYMBOLS[look];
  const hollow = symbol.startsWith('empty');
  const shape = SHAPES[hollow ? symbol.slice(5).toLowerCase() : symbol];
  const dash = DASHES[look];
  return svg('svg', { viewBox: '0 0 28 14', class: 'swatch', 'aria-hidden': 'true' },
    svg('path', { d: 'M1 7h26', stroke: colour, 'stroke-width': 2, ...(dash === 'solid' ? {} : { 'stroke-dasharray': dash.map((one) => one / 2).join(' ') }) }),
    svg('path', { d: shape, fill: hollow ? 'var(--surface)' : colour, stroke: colour, 'stroke-width': 1.6 }));
}

/** Hatching of a bar, so faint that it does not shout. @param {number} look @param {string} colour */
export function decal(look, colour) {
  const turns = [null, Math.PI / 4, -Math.PI / 4, 0, Math.PI / 2];
  const rotation = turns[look % turns.length];
  if (look === 0 || rotation === null) return null;
  return { symbol: 'rect', color: colour, dashArrayX: [1, 0], dashArrayY: [look > 4 ? 1 : 2, look > 4 ? 3 : 5], rotation };
}
