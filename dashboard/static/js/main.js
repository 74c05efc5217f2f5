// The page: keeps what is shown and what was answered, asks when the first changes, draws when either does.

import { Problem, ask, cancelled } from './api.js';
import { advert } from './advert.js';
import { Chart } from './chart.js';
import { filterChoice, rangeChoice } from './choices.js';
import { csv } from './csv.js';
import { help } from './dialogs.js';
import { fill, find, h } from './dom.js';
import { saveText, savePicture } from './files.js';
import * as format from './format.js';
import { drill } from './drill.js';
import { heat } from './heat.js';
import { language, preferred, speak, t } from './i18n.js';
import { listen } from './keys.js';
import { askable, behind, lines, provisional, question, questions, running, shown, together, walls } from './lines.js';
import { Overview } from './overview.js';
import { picker } from './picker.js';
import { pills } from './pills.js';
import { closePopover, popover } from './popover.js';
import { DAY, HOUR, after, comparedSpan, floor, formatWall, moved, parseWall, wallOf, zoomed } from './range.js';
import { stackable } from './series.js';
import { COMPARISONS, DIMENSIONS, KINDS, read, write } from './state.js';
import { Table, byDate, byLine } from './table.js';
import * as theme from './theme.js';
import { toolbar } from './toolbar.js';
import { sentence, tooltip } from './tooltip.js';
import { READY, current, possible } from './views.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {import('./types.js').Line} Line */
/** @typedef {import('./types.js').Metric} Metric */
/** @typedef {import('./types.js').Item} Item */

const FOLLOW_MS = 10_000;
const BUSY_AFTER_MS = 200;

let state = read(location.search);
/** @type {Map<string, Metric>} */
const catalogue = new Map();
/** @type {Record<string, Item[]>} */
const dimensions = {};
/** @type {Answer|null} */
let answer = null;
/** @type {Answer|null} of the whole, beside the breakdown */
let extra = null;
/** @type {string|null} */
let zone = null;
/** @type {number|null} where the records begin */
let begun = null;
/** @type {Problem|null} */
let problem = null;
let busy = false;
let tableBy = 'date';
/** @type {Map<string, number>} */
const looks = new Map();

/** @type {Chart} */
let chart;
/** @type {Overview} */
let overview;
/** @type {Table} */
let table;
const has = (/** @type {string} */ name) => catalogue.has(name);
const now = () => wallOf(Date.now(), zone ?? undefined);
const current_ = () => shown(state, now(), begun);

// ---- change

/** @param {Partial<State>} patch @param {boolean} [silent] without asking anew */
function change(patch, silent = false) {
  state = { ...state, ...patch };
  const address = write(state);
  if (address !== location.search) history.pushState(null, '', location.pathname + address);
  if (silent) draw();
  else load();
}

function organisationItems(/** @type {string} */ name) {
  return (dimensions[name] ?? []).filter((item) => !state.organisation || item.organisations.includes(state.organisation));
}

// ---- ask

async function load({ quiet = false } = {}) {
  const { span, step } = current_();
  const effective = state.view === 'heat' ? 'hour' : step;
  const asked = state.view === 'heat' ? { ...state, by: /** @type {const} */ ('none'), compare: /** @type {const} */ ('none') } : state;
  const list = questions(asked, catalogue, span, effective);
  if (!quiet) drawControls();
  if (!list.length) {
    answer = null;
    draw();
    return;
  }
  const timer = quiet ? 0 : setTimeout(() => { busy = true; drawBusy(); }, BUSY_AFTER_MS);
  try {
    const more = state.view === 'advert' ? extras(span, effective) : [];
    const found = await ask('chart', ...[...list, ...more].map((one) => `timeseries?${one}`));
    answer = together(found.slice(0, list.length), state.metrics);
    extra = more.length ? together(found.slice(list.length), []) : null;
    problem = null;
    const other = answer.meta.time_zone !== zone;
    zone = answer.meta.time_zone;
    if (other && 'preset' in state.range && current_().span.from !== span.from) return void load({ quiet });
  } catch (error) {
    if (cancelled(error)) return;
    problem = error instanceof Problem ? error : new Problem(t('unreachable'), 0);
  } finally {
    clearTimeout(timer);
  }
  busy = false;
  draw();
}

/** The same without the breakdown, and how many may be new. @param {import('./range.js').Span} span @param {string} step */
function extras(span, step) {
  const [metric] = askable(state, catalogue);
  if (!metric) return [];
  const twin = catalogue.get(metric.name.replace(/^new_/, 'unknown_'));
  return [question(state, [metric, ...(twin && twin !== metric ? [twin] : [])], span, step, 'none')];
}

/** First by months over all that could be, then by days over what is. */
async function loadHistory() {
  const metric = askable(state, catalogue)[0] ?? [...catalogue.values()][0];
  const additive = metric?.additive ? metric : catalogue.get('calls') ?? metric;
  const today = floor(now(), 'day');
  const plain = { ...state, compare: /** @type {const} */ ('none') };
  const ofYears = { from: Date.UTC(new Date(today).getUTCFullYear() - 12, 0), to: floor(today, 'month') + 31 * DAY };
  try {
    const [months] = await ask('history', `timeseries?${question(plain, [additive], { from: ofYears.from, to: after(ofYears.to - DAY, 'month') }, 'month', 'none')}`);
    const first = months.series[0]?.values.findIndex((/** @type {number|null} */ value) => value) ?? -1;
    if (first < 0) return;
    const start = parseWall(months.buckets[first]) ?? today;
    const [days] = await ask('history', `timeseries?${question(plain, [additive], { from: start, to: today + DAY }, 'day', 'none')}`);
    const at = days.series[0].values.findIndex((/** @type {number|null} */ value) => value);
    const wallsOf = walls(days);
    begun = wallsOf[Math.max(0, at)];
    overview.history(wallsOf.slice(at), days.series[0].values.slice(at), { from: begun, to: Math.max(today + DAY, begun + 2 * DAY) });
    overview.show(current_().span);
    find('#overview').hidden = false;
    if ('preset' in state.range && state.range.preset === 'all') load({ quiet: true });
    else draw();
  } catch (error) {
    if (!cancelled(error)) find('#overview').hidden = true;
  }
}

async function begin() {
  draw();
  try {
    const [metrics, ...found] = await ask('catalogue', 'metrics', ...['organisation', 'service', 'gateway', 'number'].map((name) => `dimensions/${name}`));
    for (const metric of metrics.metrics) catalogue.set(metric.name, metric);
    for (const one of found) dimensions[one.dimension] = one.values;
    problem = null;
  } catch (error) {
    if (cancelled(error)) return;
    problem = error instanceof Problem ? error : new Problem(t('unreachable'), 0);
    draw();
    return;
  }
  await load();
  await loadHistory();
  for (const name of ['source', 'state']) {
    if (![...catalogue.values()].some((metric) => metric.dimensions.includes(name))) continue;
    ask(name, `dimensions/${name}`).then(([one]) => { dimensions[name] = one.values; drawControls(); }, () => undefined);
  }
}

// ---- draw

function all() {
  return answer ? lines(answer, state, catalogue, looks) : [];
}

function draw() {
  drawHead();
  drawControls();
  drawBusy();
  drawBody();
}

function drawHead() {
  document.title = t('title');
  document.documentElement.lang = language();
  find('#brand').textContent = t('title');
  find('#skip').textContent = t('skip');
  const organisations = dimensions.organisation ?? [];
  fill(find('#where'), organisations.length > 1 && organisationSelect(organisations), h('span', { class: 'gap' }), freshness());
  fill(find('#tools'),
    h('button', { class: 'icon text', data: { key: 'language' }, title: language() === 'ru' ? 'In English' : 'По-русски', 'aria-label': language() === 'ru' ? 'In English' : 'По-русски', onclick: switchLanguage }, language() === 'ru' ? 'EN' : 'RU'),
    h('button', { class: 'icon', data: { key: 'theme' }, title: t(`theme_${theme.chosen()}`), 'aria-label': t(`theme_${theme.chosen()}`), onclick: () => { theme.next(); draw(); } }, { auto: '◐', light: '☀', dark: '☾' }[theme.chosen()]),
    h('button', { class: 'icon', data: { key: 'help' }, title: t('help'), 'aria-label': t('help'), onclick: help }, '?'));
  fill(find('#views'), ...READY.filter((ready) => !catalogue.size || possible(ready, has)).map((ready) => h('button', { data: { key: `view ${ready.name}` }, 'aria-current': current(state, has) === ready.name ? 'page' : undefined, onclick: () => change(ready.patch(has)) }, t(`view_${ready.name}`))));
  find('#views').setAttribute('aria-label', t('views'));
}

function switchLanguage() {
  speak(language() === 'ru' ? 'en' : 'ru');
  theme.remember('language', language());
  draw();
  overview.show(overview.span);
}

/** @param {Item[]} organisations */
function organisationSelect(organisations) {
  const select = h('select', { data: { key: 'organisation' }, class: 'organisation', 'aria-label': t('organisation'), onchange: () => { change({ organisation: select.value, filters: {}, off: [] }); loadHistory(); } },
    h('option', { value: '' }, t('all_organisations')), ...organisations.map((item) => h('option', { value: item.value }, item.label)));
  select.value = state.organisation;
  return select;
}

function freshness() {
  if (!answer) return null;
  const ends = running(answer) < answer.buckets.length;
  return h('span', { class: document.hidden ? 'fresh' : ends ? 'fresh live' : 'fresh', title: `${t('complete_title')}${ends ? `; ${t('following')}` : ''}` }, t('complete_until', { at: format.moment(answer.meta.complete_until, zone) }));
}

function drawControls() {
  const { span, asked, step } = current_();
  const open = (/** @type {HTMLElement} */ owner, /** @type {string} */ label, /** @type {(close: () => void) => (Node|string|false)[]} */ content, wide = false) => popover(owner, label, content, { wide });
  toolbar(find('#toolbar'), { state, span, asked, step, now: now(), metrics: state.metrics.flatMap((name) => catalogue.get(name) ?? []), labelOf }, {
    set: change,
    move: (way) => change({ range: moved(span, way) }),
    range: (owner) => open(owner, t('range'), (close) => rangeChoice(state.range, span, now(), begun, (range) => { close(); change({ range }); })),
    filter: openFilter,
    filters: (owner) => open(owner, t('filter'), (close) => DIMENSIONS.filter((name) => state.metrics.some((metric) => catalogue.get(metric)?.dimensions.includes(name))).map((name) => h('button', { class: 'row', onclick: () => { close(); openFilter(owner, name); } }, t(`by_${name}`)))),
    more: (owner) => open(owner, t('more'), more),
  });
  overview.show(span);
}

/** @param {HTMLElement} owner @param {import('./state.js').Dimension} name */
function openFilter(owner, name) {
  const at = owner.isConnected ? owner : find(`[data-key="${owner.dataset.key}"]`);
  popover(at, t(`by_${name}`), () => filterChoice(name, organisationItems(name), state.filters[name] ?? [], (values) => change({ filters: { ...state.filters, [name]: values.length ? values : undefined } })));
}

/** @param {string} dimension @param {string} value */
function labelOf(dimension, value) {
  return (dimensions[dimension] ?? []).find((item) => item.value === value)?.label ?? value;
}

/** @param {() => void} close */
function more(close) {
  const check = (/** @type {'values'|'smooth'} */ name) => h('label', { class: 'choice' }, h('input', { type: 'checkbox', checked: state[name], onchange: () => change({ [name]: !state[name] }, true) }), h('span', {}, h('b', {}, t(name)), h('small', {}, t(`${name}_hint`))));
  const row = (/** @type {string} */ name, /** @type {() => void} */ tap) => h('button', { class: 'row', onclick: () => { close(); tap(); } }, t(name));
  return [check('values'), check('smooth'), h('hr'), row('save_csv', saveCsv), row('save_png', savePng), row('copy_link', copyLink), row('print', () => print())];
}

function drawBusy() {
  const first = !answer && !problem;
  find('#chart').classList.toggle('skeleton', first);
  find('main').classList.toggle('busy', busy || (problem !== null && answer !== null));
  find('main').setAttribute('aria-busy', String(busy || first));
  fill(find('#problem'), problem && h('div', { class: 'alert', role: 'alert' }, h('div', {}, h('b', {}, t('failed')), h('p', {}, problem.message, answer ? ` ${t('showing_old')}` : '')), h('button', { class: 'primary', onclick: () => (catalogue.size ? load() : begin()) }, t('retry'))));
}

function drawBody() {
  const found = all();
  find('#empty').hidden = true;
  const heated = state.view === 'heat';
  find('#chart').hidden = heated;
  find('#heat').hidden = !heated;
  find('#table-part').hidden = heated;
  find('#advert').hidden = state.view !== 'advert';
  drawHeading(found);
  fill(find('#notes'), ...notes(found).map((note) => h('p', {}, note)));
  if (!answer) {
    fill(find('#pills'));
    if (catalogue.size && !problem) emptyOf(t('empty_groups'));
    return;
  }
  const finished = running(answer);
  const colours = theme.colours();
  pills(find('#pills'), found, answer.meta, finished, colours.lines, { toggle, remove, add: openPicker });
  if (heated) {
    const line = found.find((one) => !one.off) ?? found[0];
    if (line) heat(find('#heat'), line, walls(answer), finished, answer.meta.currency ?? null);
  } else drawChart(found, finished, colours);
  if (state.view === 'advert') drawAdvert(found, finished);
  drawFoot();
}

/** What the pills do not say: of which metric the groups are. @param {Line[]} found */
function drawHeading(found) {
  const divided = state.view !== 'heat' && found.some((line) => line.group !== null);
  const metrics = divided ? [...new Set(found.map((line) => line.metric))] : [];
  fill(find('#heading'), ...metrics.slice(0, 1).flatMap((metric) => [h('h2', {}, metrics.map((one) => one.label[language()]).join(', ')), metrics.length === 1 && h('p', { class: 'hint' }, metric.explanation[language()])]));
}

/** @param {Line[]} found @param {number} finished @param {import('./series.js').Theme} colours */
function drawChart(found, finished, colours) {
  if (!answer) return;
  const { meta } = answer;
  const times = walls(answer);
  chart.frame.setAttribute('aria-label', `${t('chart')}: ${found.map((line) => line.full).join(', ')}. ${format.span(current_().span.from, current_().span.to)}`);
  chart.draw({
    lines: found, walls: times, step: meta.step, running: finished, provisional: provisional(answer), provisionally: t('mark_provisional'), kind: state.kind, values: state.values, smooth: state.smooth, width: 0, theme: colours,
    tick: (wall) => format.tick(wall, meta.step), short: (value, line) => format.short(value, line.metric.unit, meta.currency), percent: format.percent,
  });
  emptiness(found);
  drawTable(found, times, finished, colours);
}

/** @param {Line[]} found */
function emptiness(found) {
  if (!found.length) return emptyOf(Object.values(state.filters).some((values) => values?.length) ? t('empty_groups') : begun === null ? t('empty_none') : t('empty_range', { day: format.day(begun) }));
  if (found.every((line) => line.off)) return emptyOf(t('empty_all_off'));
  if (found.every((line) => line.values.every((value) => value === null))) emptyOf(begun === null ? t('empty_none') : t('empty_range', { day: format.day(begun) }));
}

/** @param {string} text */
function emptyOf(text) {
  const filtered = Object.values(state.filters).some((values) => values?.length);
  find('#empty').hidden = false;
  fill(find('#empty'), h('b', {}, t('empty_title')), h('p', {}, text), filtered && h('button', { class: 'primary', onclick: () => change({ filters: {} }) }, t('clear_filters')), !filtered && begun !== null && h('button', { class: 'primary', onclick: () => change({ range: { preset: 'all' } }) }, t('show_all_history')));
}

/** @param {Line[]} found @param {number[]} times @param {number} finished @param {import('./series.js').Theme} colours */
function drawTable(found, times, finished, colours) {
  if (!answer) return;
  const { meta } = answer;
  const tabs = ['date', 'line'].map((name) => h('button', { data: { key: `table ${name}` }, 'aria-pressed': tableBy === name ? 'true' : 'false', onclick: () => { tableBy = name; draw(); } }, t(`table_${name}`)));
  fill(find('#table-head'), h('h2', { id: 'table-title' }, t('table')), h('div', { class: 'joined', role: 'group', 'aria-label': t('table') }, ...tabs), h('span', { class: 'gap' }), h('button', { class: 'quiet', data: { key: 'csv' }, onclick: saveCsv }, t('save_csv')));
  const visible = found.filter((line) => !line.off);
  const caption = `${t('table')}: ${format.span(current_().span.from, current_().span.to)}`;
  table.show(tableBy === 'date' ? byDate(visible, times, meta, finished, provisional(answer)) : byLine(visible, meta, finished, colours.lines), caption);
}

/** @param {Line[]} found @param {number} finished */
function drawAdvert(found, finished) {
  const whole = extra ? lines(extra, { ...state, off: [] }, catalogue, new Map()) : [];
  advert(find('#advert'), { whole: whole[0] ?? null, lines: found, colours: theme.colours().lines, finished, unknown: whole[1]?.total ?? null, span: current_().asked, begun }, { range: (range) => change({ range }) });
}

/** @param {Line[]} found */
function notes(found) {
  const known = state.metrics.filter((name) => catalogue.has(name));
  const missing = catalogue.size ? state.metrics.filter((name) => !catalogue.has(name)) : [];
  const names = (/** @type {string[]} */ of) => of.map((name) => catalogue.get(name)?.label[language()] ?? name).join(', ');
  const asked = askable(state, catalogue).map((metric) => metric.name);
  const past = state.view === 'heat' ? null : comparedSpan(current_().span, state.compare);
  const compared = past && found.some((line) => line.comparison) && t(['stack', 'share'].includes(state.kind) ? 'compared_table' : 'compared_dots', { span: format.span(past.from, past.to) });
  const filtered = known.filter((name) => !asked.includes(name));
  const whole = state.by === 'none' || state.view === 'heat' ? [] : asked.filter((name) => !catalogue.get(name)?.dimensions.includes(state.by));
  const loose = ['stack', 'share'].includes(state.kind) ? [...new Set(found.filter((line) => !stackable(line)).map((line) => line.metric.name))] : [];
  return [
    ...(compared ? [compared] : []),
    ...(missing.length ? [t('no_metric', { names: missing.join(', ') })] : []),
    ...(filtered.length ? [t('not_with_filters', { n: filtered.length, names: names(filtered) })] : []),
    ...(whole.length ? [t('not_divided', { names: names(whole) })] : []),
    ...(answer?.meta.levels ? [`${t('levels')}: ${Object.entries(answer.meta.levels).map(([level, share]) => `${level} ${format.percent(share)}`).join(', ')}`] : []),
    ...(loose.length ? [t('kind_stack_refused', { names: names(loose) })] : []),
  ];
}

function drawFoot() {
  if (!answer) return;
  const { meta } = answer;
  fill(find('#foot'), h('span', {}, zone ? t('time_zone', { zone }) : t('several_zones')), h('span', {}, t('definitions', { n: meta.definitions })), h('span', {}, t('read_from', { table: meta.read_from })));
  find('#overview').setAttribute('aria-label', t('overview'));
  find('#chart-help').textContent = t('chart_help');
}

// ---- what is tapped

/** @param {number} index @param {Line} line */
function openList(index, line) {
  const asked = answer && behind(line, state, answer, index);
  if (!answer || !asked) return line.rest ? say(t('list_of_rest')) : undefined;
  drill(asked, line, format.bucketAt(walls(answer), index, answer.meta.step), line.values[index], answer.meta);
}

/** To the ear, and for a while to the eye. @param {string} text */
function say(text) {
  find('#said').textContent = text;
  const note = h('div', { class: 'toast', 'aria-hidden': 'true' }, text);
  document.body.append(note);
  setTimeout(() => note.remove(), 3_500);
}

/** @param {string} key @param {boolean} alone */
function toggle(key, alone) {
  const keys = all().map((line) => line.key);
  const others = keys.filter((one) => one !== key);
  const solo = others.every((one) => state.off.includes(one)) && !state.off.includes(key);
  const off = alone ? (solo ? [] : others) : state.off.includes(key) ? state.off.filter((one) => one !== key) : [...state.off.filter((one) => keys.includes(one)), key];
  change({ off }, true);
}

/** @param {string} name */
function remove(name) {
  change({ metrics: state.metrics.filter((one) => one !== name), off: [] });
}

/** @param {HTMLElement} owner */
function openPicker(owner) {
  popover(owner, t('metrics'), () => picker([...catalogue.values()], state.metrics, (metrics) => change({ metrics, off: state.off.filter((key) => metrics.includes(key.split('|')[0])) })), { wide: true });
}

/** @param {number} from @param {number} to buckets */
function dragged(from, to) {
  if (!answer) return;
  const times = walls(answer);
  change({ range: { from: times[from], to: after(times[to], answer.meta.step) } });
}

function described() {
  return answer && { lines: all(), walls: walls(answer), meta: answer.meta, running: running(answer), provisional: provisional(answer), kind: state.kind, drill: all().some((line) => line.metric.list) };
}

function saveCsv() {
  if (!answer) return;
  const words = { first: t(`step_${answer.meta.step}`), total: t('whole_range'), before: t('before'), seconds: t('s'), comma: language() === 'ru', notes: [`${zone ? t('time_zone', { zone }) : t('several_zones')}; ${t('definitions', { n: answer.meta.definitions })}; ${t('complete_until', { at: format.moment(answer.meta.complete_until, zone) })}`] };
  saveText(`${fileName()}.csv`, csv(all().filter((line) => !line.off), answer.buckets, words));
}

function savePng() {
  savePicture(`${fileName()}.png`, chart.png(theme.colours().surface));
}

function fileName() {
  const { span } = current_();
  return `pulse ${formatWall(span.from).slice(0, 10)} ${formatWall(span.to - HOUR).slice(0, 10)}`;
}

async function copyLink() {
  const { span } = current_();
  const fixed = new URL(location.pathname + write({ ...state, range: 'from' in state.range ? state.range : span }), location.href);
  await navigator.clipboard?.writeText(fixed.href).catch(() => undefined);
  say(t('link_copied'));
}

function follow() {
  if (document.hidden || busy) return drawHead();
  const { span } = current_();
  if (span.to > now() - DAY && catalogue.size && !problem) load({ quiet: true });
}

// ---- begin

function start() {
  theme.apply();
  const kept = theme.remembered('language');
  speak(kept === 'ru' || kept === 'en' ? kept : preferred(navigator.languages));
  chart = new Chart(find('#chart'), {
    tooltip: (index) => { const shown = described(); return shown ? tooltip(shown, index, theme.colours().lines) : h('div'); },
    focused: (index) => { const shown = described(); if (shown) find('#said').textContent = sentence(shown, index); },
    chosen: openList,
    dragged,
  });
  overview = new Overview(find('#overview'), (span) => change({ range: span }));
  table = new Table(find('#table'));
  addEventListener('popstate', () => { state = read(location.search); closePopover(); load(); });
  addEventListener('visibilitychange', follow);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  addEventListener('beforeprint', () => chart.resize());
  setInterval(follow, FOLLOW_MS);
  const press = (/** @type {string} */ key) => () => document.querySelector(`[data-key="${key}"]`)?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  const steps = ['auto', 'hour', 'day', 'week', 'month'];
  listen({
    m: press('add'), r: press('range'), '[': press('back'), ']': press('forward'), '?': help, g: () => chart.frame.focus(), t: () => find('#table .scroll').focus(),
    c: () => change({ compare: COMPARISONS[(COMPARISONS.indexOf(state.compare) + 1) % COMPARISONS.length] }),
    k: () => change({ kind: KINDS[(KINDS.indexOf(state.kind) + 1) % KINDS.length] }, true),
    '+': () => change({ range: zoomed(current_().span, true) }), '=': () => change({ range: zoomed(current_().span, true) }), '-': () => change({ range: zoomed(current_().span, false) }),
    ...Object.fromEntries(steps.map((step, index) => [String(index), press(`step ${step}`)])),
  });
  begin();
}

start();
