// Ready views: each a state of the chart, one click away. Pure.

/** @typedef {import('./state.js').State} State */
/** @typedef {{name: string, needs: string[], patch: (has: (metric: string) => boolean) => Partial<State>}} Ready */

/** The first that the catalogue has. @param {(metric: string) => boolean} has @param {string[]} names */
const best = (has, ...names) => [names.find(has) ?? names[names.length - 1]];

/** @type {Partial<State>} */
const PLAIN = { view: 'chart', by: 'none', compare: 'none', kind: 'line', step: 'auto', off: [], filters: {}, values: false, smooth: false };

/** @type {Ready[]} */
export const READY = [
  { name: 'calls', needs: ['calls'], patch: () => ({ ...PLAIN, metrics: ['calls', 'calls_answered', 'calls_missed'] }) },
  { name: 'new', needs: [], patch: (has) => ({ ...PLAIN, metrics: best(has, 'new_clients_organisation', 'new_callers_organisation'), by: 'gateway', top: 5, kind: 'stack', step: 'auto' }) },
  { name: 'sources', needs: ['orders'], patch: () => ({ ...PLAIN, metrics: ['orders'], by: 'source', top: 8, kind: 'stack' }) },
  { name: 'missed', needs: ['calls_missed'], patch: () => ({ ...PLAIN, metrics: ['calls_missed', 'wait_answered_p90'] }) },
  { name: 'advert', needs: [], patch: (has) => ({ ...PLAIN, view: 'advert', metrics: best(has, 'new_clients_organisation', 'new_callers_organisation'), by: 'number', top: 5, compare: 'previous', off: best(has, 'new_clients_organisation', 'new_callers_organisation').flatMap((name) => [`${name}|`, `${name}|*`]) }) },
  { name: 'heat', needs: [], patch: () => ({ ...PLAIN, view: 'heat' }) },
];

/** Which of them the state is. @param {State} state @param {(metric: string) => boolean} has */
export function current(state, has) {
  return READY.find(({ patch }) => {
    const { filters: _, off: __, ...wanted } = patch(has);
    if (state.view === 'quality') return false;
    if (wanted.view === 'heat' || state.view === 'heat') return wanted.view === state.view;
    return Object.entries(wanted).every(([name, value]) => String(state[/** @type {keyof State} */ (name)]) === String(value));
  })?.name;
}

/** @param {Ready} ready @param {(metric: string) => boolean} has */
export function possible(ready, has) {
  return ready.needs.every(has);
}
