// The parts of the page are made and tied together, keys and clocks are listened to. `opening.js` has begun to ask.

import { change, follow, load, step } from './asking.js';
import { newEvent } from './annotate.js';
import { drawBody, drawBusy, drawEvents } from './body.js';
import { Chart } from './chart.js';
import { help } from './dialogs.js';
import { find, h } from './dom.js';
import { drawControls, drawFreshness, drawHead } from './head.js';
import { listen } from './keys.js';
import { inView, page } from './page.js';
import { Overview } from './overview.js';
import { closePopover } from './popover.js';
import { keepPresses } from './press.js';
import { STEPS, zoomed } from './range.js';
import { COMPARISONS, KINDS, drawsLines, read } from './state.js';
import { Table } from './table.js';
import { described, dragged, openList } from './taps.js';
import * as theme from './theme.js';
import { sentence, tooltip } from './tooltip.js';

const FOLLOW_MS = 10_000;

function start() {
  theme.apply();
  const chart = makeChart();
  tie(chart, new Overview(find('#overview'), (span, stepped) => (stepped ? step : change)({ range: span })), new Table(find('#table')));
  addEventListener('popstate', () => {
    page.state = read(location.search);
    closePopover();
    void load();
  });
  addEventListener('visibilitychange', follow);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => page.redraw('all'));
  addEventListener('beforeprint', () => chart.resize());
  setInterval(follow, FOLLOW_MS);
  listen(keys(chart));
  keepPresses();
  page.redraw('all');
}

function makeChart() {
  /** @type {Chart} */
  const chart = new Chart(find('#chart'), {
    tooltip: (index, line) => {
      const shown = described();
      return shown ? tooltip(shown, index, theme.colours().lines, line) : h('div');
    },
    focused: (index, line) => {
      const shown = described();
      if (shown) find('#said').textContent = sentence(shown, index, line);
    },
    chosen: openList,
    dragged,
    drawn: () => drawEvents(chart),
  });
  return chart;
}

/** What is to be drawn, and where. @param {Chart} chart @param {Overview} overview @param {Table} table */
function tie(chart, overview, table) {
  const controls = () => {
    drawControls(() => chart.png(theme.colours().surface));
    find('#overview').hidden = page.past === null;
    overview.show(page.past, inView().span);
  };
  page.redraw = (part) => {
    if (part === 'head' || part === 'all') drawHead();
    if (part === 'answer' || part === 'fresh') drawFreshness();
    if (part === 'controls' || part === 'all') controls();
    if (part === 'busy' || part === 'answer' || part === 'all') drawBusy();
    if (part === 'answer' || part === 'all') drawBody({ chart, table });
  };
}

/** @param {Chart} chart @returns {Record<string, () => void>} */
function keys(chart) {
  const press = (/** @type {string} */ key) => () => keyed(key)?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  const zoom = (/** @type {boolean} */ closer) => () => change({ range: zoomed(inView().span, closer) });
  const lengths = ['auto', ...STEPS];
  return {
    m: press('add'), v: press('saved'), e: () => noteAt(chart), r: press('range'), '[': press('back'), ']': press('forward'), '?': help,
    g: () => chart.frame.focus(), t: focusTable,
    c: ifDrawn(() => change({ compare: after(COMPARISONS, page.state.compare) })),
    k: ifDrawn(() => change({ kind: after(KINDS, page.state.kind) }, 'all')),
    '+': zoom(true), '=': zoom(true), '-': zoom(false),
    ...Object.fromEntries(lengths.map((length, index) => [String(index), press(`step ${length}`)])),
  };
}

/** @param {string} key @returns {HTMLElement|null} */
function keyed(key) {
  return document.querySelector(`[data-key="${key}"]`);
}

/** An event of the point that the keyboard is on; nothing where none can be noted. @param {Chart} chart */
function noteAt(chart) {
  const owner = keyed('more');
  if (owner) newEvent(owner, chart.at < 0 ? undefined : chart.picture?.walls[chart.at]);
}

function focusTable() {
  const table = document.querySelector('#table .scroll');
  if (table instanceof HTMLElement) table.focus();
}

/** What can be neither seen nor pressed no key changes. @param {() => void} action */
function ifDrawn(action) {
  return () => {
    if (drawsLines(page.state.view)) action();
  };
}

/** The next of them, round about. @template T @param {readonly T[]} all @param {T} one */
function after(all, one) {
  return all[(all.indexOf(one) + 1) % all.length];
}

start();
