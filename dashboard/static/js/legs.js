// From a call to its legs: each record of the PBX that is part of it, in the order in which they began.

import { ask, cancelled } from './api.js';
import { fill, h } from './dom.js';
import * as format from './format.js';
import { t } from './i18n.js';
import { explained } from './problems.js';

/** @typedef {import('./types.js').Leg} Leg */

/** Opens below its row, and closes by the same button. @param {HTMLButtonElement} button @param {string} call server/id */
export async function toggleLegs(button, call) {
  const row = button.closest('tr');
  if (!row) return;
  if (button.getAttribute('aria-expanded') === 'true') {
    button.setAttribute('aria-expanded', 'false');
    row.nextElementSibling?.remove();
    return;
  }
  button.setAttribute('aria-expanded', 'true');
  const cell = h('td', { colspan: String(row.cells.length) }, t('loading'));
  row.after(h('tr', { class: 'legs' }, cell));
  const [server, ...id] = call.split('/');
  try {
    const [found] = await ask(`legs ${call}`, `calls/${encodeURIComponent(server)}/${encodeURIComponent(id.join('/'))}`);
    fill(cell, legs(found.legs));
  } catch (error) {
    if (!cancelled(error)) fill(cell, ...explained(error));
  }
}

/** @type {[string, (leg: Leg) => string][]} */
const COLUMNS = [
  ['list_time', (leg) => clock(leg.started)],
  ['leg_direction', (leg) => t(`leg_${leg.direction}`)],
  ['leg_answered', (leg) => (leg.answered ? clock(leg.answered) : format.NOTHING)],
  ['leg_lasted', (leg) => format.duration(Date.parse(leg.ended) - Date.parse(leg.started))],
  ['leg_answered_by', (leg) => (leg.answered_by ? t(`leg_by_${leg.answered_by}`) : format.NOTHING)],
  ['leg_agent', (leg) => leg.agent || format.NOTHING],
  ['list_gateway', (leg) => leg.gateway || format.NOTHING],
  ['leg_caller', (leg) => leg.caller || format.NOTHING],
  ['leg_callee', (leg) => leg.callee || format.NOTHING],
  ['leg_record', (leg) => leg.record_id],
];

/** @param {Leg[]} found */
function legs(found) {
  return h('table', {}, h('caption', { class: 'unseen' }, t('legs')), h('thead', {}, h('tr', {}, ...COLUMNS.map(([name]) => h('th', { scope: 'col' }, t(name))))),
    h('tbody', {}, ...found.map((leg) => h('tr', {}, ...COLUMNS.map(([, cell]) => h('td', {}, cell(leg)))))));
}

/** The wall clock that the API gives it in. @param {string} time */
function clock(time) {
  return time.slice(11, 19);
}
