// Ready views: each a state of the chart, one click away; the check of a campaign is one. Pure.

import { spanOf } from './marks.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {{name: string, patch: Partial<State>}} Ready */

/** @type {Partial<State>} */
const PLAIN = { view: 'chart', by: 'none', compare: 'none', kind: 'line', step: 'auto', off: [], filters: {}, values: false, smooth: false };

/** @type {Partial<State>} */
const ADVERT = {
  ...PLAIN, view: 'advert', metrics: ['new_clients_organisation'], by: 'number', top: 5, compare: 'previous', off: ['new_clients_organisation|', 'new_clients_organisation|*'],
};

/** @type {Ready[]} */
export const READY = [
  { name: 'calls', patch: { ...PLAIN, metrics: ['calls', 'calls_answered', 'calls_missed'] } },
  { name: 'new', patch: { ...PLAIN, metrics: ['new_clients_organisation'], by: 'gateway', top: 5, kind: 'stack' } },
  { name: 'sources', patch: { ...PLAIN, metrics: ['orders'], by: 'source', top: 8, kind: 'stack' } },
  { name: 'missed', patch: { ...PLAIN, metrics: ['calls_missed', 'wait_answered_p90'] } },
  { name: 'advert', patch: ADVERT },
  { name: 'heat', patch: { ...PLAIN, view: 'heat' } },
];

/** Which of them the state is. @param {State} state */
export function current(state) {
  return READY.find(({ patch }) => {
    const { filters: _, off: __, ...wanted } = patch;
    if (state.view === 'quality') return false;
    if (wanted.view === 'heat' || state.view === 'heat') return wanted.view === state.view;
    return Object.entries(wanted).every(([name, value]) => String(state[/** @type {keyof State} */ (name)]) === String(value));
  })?.name;
}

/**
 * The days of a campaign, and the service it was for.
 * @param {import('./types.js').Annotation} campaign @returns {Pick<State, 'range'|'filters'>}
 */
export function ofCampaign(campaign) {
  return { range: spanOf(campaign), filters: campaign.service === null ? {} : { service: [campaign.service] } };
}

/**
 * Those whose check is what is shown: their days, their service, and nothing left out of it. Of anything else their spend
 * says nothing.
 * @param {import('./types.js').Annotation[]} campaigns @param {import('./range.js').Span} span @param {State['filters']} filters
 */
export function checked(campaigns, span, filters) {
  const given = Object.entries(filters).filter(([, values]) => values?.length);
  return campaigns.filter((one) => {
    const { from, to } = spanOf(one);
    return from === span.from && to === span.to && String(given) === String(Object.entries(ofCampaign(one).filters));
  });
}

/** Whether it brought new clients: whatever was shown before. @param {import('./types.js').Annotation} campaign @returns {Partial<State>} */
export function checkOf(campaign) {
  return { ...ADVERT, ...ofCampaign(campaign) };
}
