// Draws the answer: pills, chart, notes, heat map, advert check, table; and what is said where there is none.

import { advert } from './advert.js';
import { openEvent } from './annotate.js';
import { again, change } from './asking.js';
import { fill, find, h } from './dom.js';
import * as format from './format.js';
import { events } from './events.js';
import { heat } from './heat.js';
import { language, t } from './i18n.js';
import { askable, lines, provisional, running, walls } from './lines.js';
import { marks } from './marks.js';
import { inView, page, shownAnnotations, shownLines } from './page.js';
import { pills } from './pills.js';
import { explained } from './problems.js';
import { quality } from './quality.js';
import { comparedSpan } from './range.js';
import { addsUp, stackedOf, stacks } from './stacks.js';
import { byDate, byLine } from './table.js';
import { openPicker, remove, saveFile, toggle } from './taps.js';
import * as theme from './theme.js';

/** @typedef {import('./types.js').Line} Line */
/** @typedef {{chart: import('./chart.js').Chart, table: import('./table.js').Table}} Parts */

const TAPS = { toggle, remove, add: openPicker };

export function drawBusy() {
  const shown = page.state.view === 'quality' ? page.quality : page.answer;
  const first = !shown && !page.problem && !nothingToAsk();
  const stale = page.problem !== null && page.answer !== null;
  find('#chart').classList.toggle('skeleton', first);
  if (first) find('#empty').hidden = true;
  find('main').classList.toggle('busy', page.busy || stale);
  find('main').setAttribute('aria-busy', String(page.busy || first));
  drawProblem();
}

/** No metric that is chosen has all the dimensions of the filters: there is no answer, and none to wait for. */
function nothingToAsk() {
  return page.state.view !== 'quality' && page.catalogue.size > 0 && !askable(page.state, page.catalogue).length;
}

/** Said anew only where it reads otherwise: an alert is read out loud each time that it is put there. */
function drawProblem() {
  const place = find('#problem');
  const made = page.problem && alertOf(page.problem);
  if (place.textContent !== (made?.textContent ?? '')) fill(place, made);
}

/** @param {import('./api.js').Problem} problem */
function alertOf(problem) {
  const said = explained(problem, page.answer ? t('showing_old') : '');
  return h('div', { class: 'alert', role: 'alert' },
    h('div', {}, h('b', {}, t('failed')), h('p', {}, ...said)),
    h('button', { class: 'primary', data: { key: 'again' }, onclick: () => again() }, t('retry')));
}

/** @param {Parts} parts */
export function drawBody(parts) {
  const found = shownLines();
  const checking = page.state.view === 'quality';
  find('main').classList.toggle('checking', checking);
  find('#quality').hidden = !checking;
  if (checking) return drawQuality();
  find('#empty').hidden = true;
  const heated = page.state.view === 'heat';
  find('#chart').hidden = heated;
  find('#heat').hidden = !heated;
  if (heated) find('#events').hidden = true;
  find('#table-part').hidden = heated;
  find('#advert').hidden = page.state.view !== 'advert';
  drawHeading(found);
  fill(find('#notes'), ...notes(found).map((note) => h('p', {}, note)));
  if (!page.answer) return drawNone(parts);
  const finished = running(page.answer);
  const colours = theme.colours();
  pills(find('#pills'), found, page.answer.meta, finished, colours.lines, TAPS);
  if (heated) {
    const line = found.find((one) => !one.off) ?? found[0];
    if (line) heat(find('#heat'), line, walls(page.answer), finished, page.answer.meta.currency ?? null);
  } else drawChart(found, finished, colours, parts);
  if (page.state.view === 'advert') drawAdvert(finished);
  drawFoot();
  performance.mark('drawn'); // what tests/browser/bench.py measures by
}

/** All of a former answer goes; where there will be no other one, a metric can be added. @param {Parts} parts */
function drawNone({ chart }) {
  for (const part of ['#table-part', '#events', '#advert', '#heat']) find(part).hidden = true;
  find('#chart').hidden = false;
  chart.clear();
  fill(find('#foot'));
  if (!nothingToAsk()) return fill(find('#pills'));
  pills(find('#pills'), [], /** @type {any} */ (null), 0, [], TAPS); // only the button: it is lines that have figures
  emptyOf(t('empty_groups'));
}

function drawQuality() {
  find('#advert').hidden = true;
  find('#table-part').hidden = true;
  if (page.quality) quality(find('#quality'), page.quality);
}

/** What the pills do not say: of which metric the groups are. @param {Line[]} found */
function drawHeading(found) {
  const divided = page.state.view !== 'heat' && found.some((line) => line.group !== null);
  const metrics = divided ? [...new Set(found.map((line) => line.metric))] : [];
  const hint = metrics.length === 1 && h('p', { class: 'hint' }, metrics[0].explanation[language()]);
  fill(find('#heading'), metrics.length > 0 && h('h2', {}, metrics.map((one) => one.label[language()]).join(', ')), hint);
}

/** @param {Line[]} found @param {number} finished @param {import('./series.js').Theme} colours @param {Parts} parts */
function drawChart(found, finished, colours, { chart, table }) {
  if (!page.answer) return;
  const { meta } = page.answer;
  const times = walls(page.answer);
  chart.frame.setAttribute('aria-label', `${t('chart')}: ${found.map((line) => line.full).join(', ')}. ${format.span(inView().span.from, inView().span.to)}`);
  const { kind, values, smooth } = page.state;
  chart.draw({
    lines: found, walls: times, step: meta.step, kind, values, smooth,
    running: finished, provisional: provisional(page.answer), provisionally: t('mark_provisional'),
    marks: marks(shownAnnotations(), times, meta.step), named: false,
    width: 0, theme: colours,
    tick: (wall) => format.tick(wall, meta.step),
    short: (value, line) => format.short(value, line.metric.unit, meta.currency),
    percent: format.percent,
  });
  emptiness(found);
  drawTable(found, times, finished, colours, table);
}

/** @param {Line[]} found */
function emptiness(found) {
  const none = page.begun === null ? t('empty_none') : t('empty_range', { day: format.day(page.begun) });
  if (!found.length) return emptyOf(anyFilter() ? t('empty_groups') : none);
  if (found.every((line) => line.off)) return emptyOf(t('empty_all_off'));
  if (found.every((line) => line.values.every((value) => value === null))) emptyOf(none);
}

function anyFilter() {
  return Object.values(page.state.filters).some((values) => values?.length);
}

/** With the way out that there is: fewer filters, or more days. @param {string} text */
function emptyOf(text) {
  const clear = () => h('button', { class: 'primary', onclick: () => change({ filters: {} }) }, t('clear_filters'));
  const all = () => h('button', { class: 'primary', onclick: () => change({ range: { preset: 'all' } }) }, t('show_all_history'));
  find('#empty').hidden = false;
  fill(find('#empty'), h('b', {}, t('empty_title')), h('p', {}, text), anyFilter() ? clear() : page.begun !== null && all());
}

/** @param {Line[]} found @param {number[]} times @param {number} finished @param {import('./series.js').Theme} colours @param {import('./table.js').Table} table */
function drawTable(found, times, finished, colours, table) {
  if (!page.answer) return;
  const { meta } = page.answer;
  fill(find('#table-head'), h('h2', { id: 'table-title' }, t('table')),
    h('div', { class: 'joined', role: 'group', 'aria-label': t('table') }, tableTab('date'), tableTab('line')),
    h('span', { class: 'gap' }), fileButton('xlsx'), fileButton('csv'));
  const visible = found.filter((line) => !line.off);
  const caption = `${t('table')}: ${format.span(inView().span.from, inView().span.to)}`;
  const dates = () => byDate(visible, times, meta, finished, provisional(/** @type {import('./types.js').Answer} */ (page.answer)));
  table.show(page.tableBy === 'date' ? dates() : byLine(visible, meta, finished, colours.lines), caption);
}

/** @param {'date'|'line'} name */
function tableTab(name) {
  const choose = () => {
    page.tableBy = name;
    page.redraw('all');
  };
  const pressed = page.tableBy === name ? 'true' : 'false';
  return h('button', { data: { key: `table ${name}` }, 'aria-pressed': pressed, onclick: choose }, t(`table_${name}`));
}

/** @param {'xlsx'|'csv'} form */
function fileButton(form) {
  return h('button', { class: 'quiet', data: { key: form }, onclick: () => saveFile(form) }, t(`save_${form}`));
}

/** @param {import('./chart.js').Chart} chart */
export function drawEvents(chart) {
  events(find('#events'), chart.picture?.marks ?? [], (bucket) => chart.x(bucket), chart.half(), chart.width, openEvent);
}

/** @param {number} finished */
function drawAdvert(finished) {
  const of = (/** @type {import('./types.js').Answer|null} */ answer) => (answer ? lines(answer, { ...page.state, off: [] }, page.catalogue, new Map()) : []);
  const whole = of(page.extra);
  const { asked, span } = inView();
  const answered = page.asked?.state ?? page.state;
  advert(find('#advert'), {
    whole: whole[0] ?? null, unknown: whole[1] ?? null, lines: of(page.groups), finished,
    colours: theme.colours().lines, span: asked, past: comparedSpan(span, page.state.compare), begun: page.begun,
    answered: { filters: answered.filters, span: inView(answered).asked },
    campaigns: page.annotations.filter((one) => one.kind === 'campaign' && one.until !== null),
  }, { range: (range) => change({ range }) });
}

/** @param {Line[]} found */
function notes(found) {
  const known = page.state.metrics.filter((name) => page.catalogue.has(name));
  const missing = page.catalogue.size ? page.state.metrics.filter((name) => !page.catalogue.has(name)) : [];
  const names = (/** @type {string[]} */ of) => of.map((name) => page.catalogue.get(name)?.label[language()] ?? name).join(', ');
  const asked = askable(page.state, page.catalogue).map((metric) => metric.name);
  const past = page.state.view === 'heat' ? null : comparedSpan(inView().span, page.state.compare);
  const compared = past && found.some((line) => line.comparison) && t(stacks(page.state.kind) ? 'compared_table' : 'compared_pale', { span: format.span(past.from, past.to) });
  const filtered = known.filter((name) => !asked.includes(name));
  const whole = page.state.by === 'none' || page.state.view === 'heat' ? [] : asked.filter((name) => !page.catalogue.get(name)?.dimensions.includes(page.state.by));
  const [loose, counted] = stacks(page.state.kind) ? unstacked(found) : [[], []];
  const levels = page.answer?.meta.levels && Object.entries(page.answer.meta.levels).map(([level, share]) => `${level} ${format.percent(share)}`);
  return [
    ...(compared ? [compared] : []),
    ...(missing.length ? [t('no_metric', { names: missing.join(', ') })] : []),
    ...(filtered.length ? [t('not_with_filters', { n: filtered.length, names: names(filtered) })] : []),
    ...(whole.length ? [t('not_divided', { names: names(whole) })] : []),
    ...(levels ? [`${t('levels')}: ${levels.join(', ')}`] : []),
    ...(loose.length ? [t('kind_stack_refused', { names: names(loose) })] : []),
    ...(counted.length ? [t('kind_stack_counted', { names: names(counted) })] : []),
  ];
}

/** Metrics that are drawn as lines though others are stacked: those that do not add up, and those that would count twice. @param {Line[]} found */
function unstacked(found) {
  const stacked = stackedOf(found);
  const beside = found.filter((line) => !line.off && !stacked.includes(line));
  const of = (/** @type {boolean} */ adding) => [...new Set(beside.filter((line) => addsUp(line) === adding).map((line) => line.metric.name))];
  return [of(false), of(true)];
}

function drawFoot() {
  if (!page.answer) return;
  const { meta } = page.answer;
  fill(find('#foot'),
    h('span', {}, page.zone ? t('time_zone', { zone: page.zone }) : t('several_zones')),
    h('span', {}, t('definitions', { n: meta.definitions })),
    h('span', {}, t('read_from', { table: meta.read_from })));
  find('#overview').setAttribute('aria-label', t('overview'));
  find('#chart-help').textContent = t('chart_help');
}
