// The answer to "did the advert bring new clients, and through which number?": before and during, in words and figures.

import { fill, h } from './dom.js';
import { dates } from './choices.js';
import * as format from './format.js';
import { language, t } from './i18n.js';
import { change } from './asking.js';
import { against, recorded, sum, tone } from './lines.js';
import { page } from './page.js';
import { checked, ofCampaign } from './views.js';

/** @typedef {import('./types.js').Line} Line */
/** @typedef {import('./types.js').Metric} Metric */
/** @typedef {import('./types.js').Annotation} Annotation */
/** @typedef {{whole: Line|null, lines: Line[], colours: string[], finished: number, unknown: Line|null, span: import('./range.js').Span, past: import('./range.js').Span|null, begun: number|null, campaigns: Annotation[], answered: {filters: import('./state.js').State['filters'], span: import('./range.js').Span}}} Found `answered`: what the lines are of, where something else is asked for already */

/**
 * @param {Element} place @param {Found} found
 * @param {{range: (range: import('./state.js').Range) => void}} taps
 */
export function advert(place, found, taps) {
  const chosen = checked(found.campaigns, found.span, page.state.filters);
  const key = [language(), found.span.from, found.span.to, ...found.campaigns.map((one) => one.id), ...chosen.map((one) => one.id)].join();
  if (place instanceof HTMLElement && place.dataset.asked !== key) {
    place.dataset.asked = key; // drawn anew only for other days and campaigns: somebody may be typing in it
    fill(place, h('div', { class: 'advert' },
      h('div', { class: 'question' }, h('h2', {}, t('advert_title')), h('p', { class: 'hint' }, t('advert_hint')), campaignChoice(found.campaigns, chosen), dates(found.span, taps.range)),
      h('div', { class: 'verdict', 'aria-live': 'polite' })));
  }
  say(place.querySelector('.verdict'), verdict(found));
}

/** Only what is new is said: it is read aloud, and drawn anew with each answer. @param {Element|null} place @param {Node[]} said */
function say(place, said) {
  const anew = h('div', {}, ...said);
  if (place && place.innerHTML !== anew.innerHTML) place.replaceChildren(...anew.childNodes);
}

/** @param {Found} found @returns {Node[]} */
function verdict(found) {
  const { whole } = found;
  if (!whole) return [h('p', { class: 'hint' }, t('loading'))];
  const refused = refusal(found);
  const compared = refused ? null : against(whole, found.finished);
  return [
    ...(compared ? measured(found, whole, compared) : [h('p', { class: 'headline' }, `${whole.metric.label[language()]}: ${worded(whole.total, whole)}`)]),
    ...hints(refused, possibly(found.unknown, found.finished)),
  ];
}

/** @param {Found} found @param {Line} whole @param {{now: number, before: number, part: boolean}} compared */
function measured(found, whole, { now, before, part }) {
  const of = found.lines.filter((line) => line.metric === whole.metric);
  const most = Math.max(now, before);
  return [
    h('p', { class: `headline ${tone(whole.metric, now - before)}` }, headline(now, before, whole.metric, currency())),
    ...through(of, found.finished),
    scale(t('advert_during'), now, most, 'during', whole), scale(t('advert_before'), before, most, 'before', whole),
    ...cost(found, whole.metric, now - before),
    ...hints(part && t('advert_part')),
  ];
}

/** Which number gained most, and how much came through none. @param {Line[]} lines @param {number} finished */
function through(lines, finished) {
  const leader = lead(lines, finished);
  const none = lines.find((one) => one.group === '');
  const by = gain(none, finished);
  const without = none && by ? t('advert_without', { difference: format.difference(by, none.metric.unit, currency()) }) : null;
  const most = leader && t('advert_lead', { label: leader.line.label, difference: format.difference(leader.by, leader.line.metric.unit, currency()) });
  return [...(most ? [h('p', {}, most)] : []), ...hints(without)];
}

/** @param {...(string|false|null)} texts */
function hints(...texts) {
  return texts.filter((text) => text).map((text) => h('p', { class: 'hint' }, text));
}

/** Of what is checked. */
function currency() {
  return page.extra?.meta.currency;
}

/** @param {number|null} value @param {Line} line */
function worded(value, line) {
  return format.value(value, line.metric.unit, currency());
}

/**
 * Why the days before are no measure: where the records begin among them, all of their clients could not be seen.
 * @param {Pick<Found, 'begun'|'span'|'past'>} found
 */
export function refusal({ begun, span, past }) {
  if (begun === null || !past || recorded(begun, past)) return null;
  return begun >= span.from ? t('advert_no_before', { day: format.day(begun) }) : t('advert_short_before', { day: format.day(begun), from: format.day(past.from) });
}

/** How many more may be new, of either time: any verdict is only as good. @param {Line|null} unknown @param {number} finished */
export function possibly(unknown, finished) {
  if (!unknown) return null;
  const { now, before } = against(unknown, finished) ?? { now: unknown.total, before: null };
  const named = [now && `${t('advert_during')}: ${format.value(now, 'clients')}`, before && `${t('advert_before')}: ${format.value(before, 'clients')}`].filter(Boolean);
  return named.length ? t('advert_unknown', { named: named.join(' · ') }) : null;
}

/** Those that the directory knows: a choice instead of dates to be typed. @param {Annotation[]} campaigns @param {Annotation[]} chosen */
function campaignChoice(campaigns, chosen) {
  if (!campaigns.length) return null;
  return h('div', { class: 'campaigns', role: 'group', 'aria-label': t('campaigns') }, ...campaigns.map((one) => h('button', { data: { key: `campaign ${one.id}` }, 'aria-pressed': chosen.includes(one) ? 'true' : 'false', onclick: () => change(ofCampaign(one)) }, one.title)));
}

/** @param {Found} found @param {Metric} metric @param {number} more */
function cost({ campaigns, answered }, metric, more) {
  const said = spent(checked(campaigns, answered.span, answered.filters), metric, more);
  return said === null ? [] : [h('p', {}, said)];
}

/**
 * What was spent on them together; and on each client more than before, where clients are counted.
 * @param {Annotation[]} campaigns of one service, so in one currency @param {Metric} metric @param {number} more
 */
export function spent(campaigns, metric, more) {
  const whole = sum(campaigns.map((one) => one.spend));
  if (!whole) return null;
  const money = (/** @type {number} */ amount) => format.value(amount, 'money', campaigns[0].currency);
  const spend = money(whole);
  return more > 0 && ofNewClients(metric) ? t('advert_cost', { spend, each: money(whole / more) }) : t('advert_spend', { spend });
}

/** @param {Metric} metric */
function ofNewClients({ name }) {
  return /^new_(ordering_)?clients_/.test(name);
}

/**
 * New clients have words of their own, any other metric its name. Of two shares no percents are made.
 * @param {number} now @param {number} before @param {Metric} metric @param {string|null} [money] its currency
 */
export function headline(now, before, metric, money) {
  const words = { metric: metric.label[language()], now: format.value(now, metric.unit, money), before: format.value(before, metric.unit, money) };
  const key = ofNewClients(metric) ? 'advert' : 'advert_metric';
  if (now === before) return t(`${key}_same`, words);
  if (metric.unit === 'share') return t('advert_metric_moved', words);
  if (!before) return t(`${key}_from_zero`, words);
  return t(`${key}_${now > before ? 'up' : 'down'}`, { ...words, change: format.percent(Math.abs(now / before - 1)) });
}

/** The one group that gained most, if one did. @param {Line[]} lines @param {number} finished */
export function lead(lines, finished) {
  const gains = lines.filter((line) => !line.rest && line.group !== '').flatMap((line) => {
    const by = gain(line, finished);
    return by === null ? [] : [{ line, by }];
  });
  const most = gains.sort((a, b) => b.by - a.by)[0];
  return most && most.by > 0 ? most : null;
}

/** @param {Line|undefined} line @param {number} finished */
function gain(line, finished) {
  const compared = line && against(line, finished);
  return compared ? compared.now - compared.before : null;
}

/** @param {string} name @param {number} value @param {number} most @param {string} look @param {Line} line */
function scale(name, value, most, look, line) {
  return h('p', { class: `scale ${look}` }, h('span', {}, name), h('i', { style: { width: `${(most ? value / most : 0) * 55}%` } }), h('b', {}, worded(value, line)));
}
