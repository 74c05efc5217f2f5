// The answer to "did the advert bring new clients, and through which number?": before and during, in words and figures.

import { fill, h } from './dom.js';
import { dates } from './choices.js';
import * as format from './format.js';
import { language, t } from './i18n.js';
import { against, tone } from './lines.js';
import { spanOf } from './marks.js';

/** @typedef {import('./types.js').Line} Line */
/** @typedef {import('./types.js').Answer} Answer */
/** @typedef {{whole: Line|null, lines: Line[], colours: string[], finished: number, unknown: Line|null, span: import('./range.js').Span, past: import('./range.js').Span|null, begun: number|null, campaigns: import('./types.js').Annotation[]}} Found */

/**
 * @param {Element} place @param {Found} found
 * @param {{range: (range: import('./state.js').Range) => void}} taps
 */
export function advert(place, found, taps) {
  const key = `${language()} ${found.span.from} ${found.span.to} ${found.campaigns.map((one) => one.id).join()}`;
  if (place instanceof HTMLElement && place.dataset.asked !== key) {
    place.dataset.asked = key; // drawn anew only for other days: somebody may be typing in it
    fill(place, h('div', { class: 'advert' },
      h('div', { class: 'question' }, h('h2', {}, t('advert_title')), h('p', { class: 'hint' }, t('advert_hint')), campaignChoice(found, taps), dates(found.span, taps.range)),
      h('div', { class: 'verdict', 'aria-live': 'polite' })));
  }
  const said = place.querySelector('.verdict');
  if (said) fill(said, ...verdict(found));
}

/** @param {Found} found */
function verdict(found) {
  const { whole, lines, finished } = found;
  if (!whole) return [h('p', { class: 'hint' }, t('loading'))];
  const compared = against(whole, finished);
  const refused = refusal(found);
  const maybe = possibly(found.unknown, finished);
  const may = maybe ? h('p', { class: 'hint' }, maybe) : null;
  if (!compared || refused) return [h('p', { class: 'headline' }, `${whole.metric.label[language()]}: ${format.value(whole.total, whole.metric.unit)}`), refused && h('p', { class: 'hint' }, refused), may].filter((one) => one !== null);
  const { now, before, part } = compared;
  const leader = lead(lines, finished);
  const without = gain(lines.find((line) => line.group === ''), finished);
  return [
    h('p', { class: `headline ${tone(whole.metric, now - before)}` }, headline(now, before)),
    leader && h('p', {}, t('advert_lead', { label: leader.line.label, difference: format.difference(leader.by, leader.line.metric.unit) })),
    without !== null && without !== 0 ? h('p', { class: 'hint' }, t('advert_without', { difference: format.difference(without, 'clients') })) : null,
    scale(t('advert_during'), now, Math.max(now, before), 'during'), scale(t('advert_before'), before, Math.max(now, before), 'before'),
    cost(found, now - before),
    part && h('p', { class: 'hint' }, t('advert_part')),
    may,
  ].filter((one) => one !== null && one !== false);
}

/**
 * Why the days before are no measure: where the records begin among them, all of their clients could not be seen.
 * @param {Pick<Found, 'begun'|'span'|'past'>} found
 */
export function refusal({ begun, span, past }) {
  if (begun === null || !past || begun <= past.from) return null;
  return begun >= span.from ? t('advert_no_before', { day: format.day(begun) }) : t('advert_short_before', { day: format.day(begun), from: format.day(past.from) });
}

/** How many more may be new, of either time: any verdict is only as good. @param {Line|null} unknown @param {number} finished */
export function possibly(unknown, finished) {
  if (!unknown) return null;
  const { now, before } = against(unknown, finished) ?? { now: unknown.total, before: null };
  const named = [now && `${t('advert_during')}: ${format.value(now, 'clients')}`, before && `${t('advert_before')}: ${format.value(before, 'clients')}`].filter(Boolean);
  return named.length ? t('advert_unknown', { named: named.join(' · ') }) : null;
}

/** The campaign of the directory that lies exactly there. @param {Found} found */
function campaignOf({ campaigns, span }) {
  return campaigns.find((one) => spanOf(one).from === span.from && spanOf(one).to === span.to);
}

/** Those that the directory knows: a choice instead of dates to be typed. @param {Found} found @param {{range: (range: import('./state.js').Range) => void}} taps */
function campaignChoice(found, taps) {
  if (!found.campaigns.length) return null;
  const chosen = campaignOf(found)?.id;
  return h('div', { class: 'campaigns', role: 'group', 'aria-label': t('campaigns') }, ...found.campaigns.map((one) => h('button', { data: { key: `campaign ${one.id}` }, 'aria-pressed': one.id === chosen ? 'true' : 'false', onclick: () => taps.range(spanOf(one)) }, one.title)));
}

/** What each client more than before has cost. @param {Found} found @param {number} more */
function cost(found, more) {
  const campaign = campaignOf(found);
  if (!campaign?.spend) return null;
  const spend = format.value(campaign.spend, 'money', campaign.currency);
  return h('p', {}, more > 0 ? t('advert_cost', { spend, each: format.value(campaign.spend / more, 'money', campaign.currency) }) : t('advert_spend', { spend }));
}

/** @param {number} now @param {number} before */
export function headline(now, before) {
  const words = { now: format.value(now, 'clients'), before: format.value(before, 'clients') };
  if (now === before) return t('advert_same', words);
  if (!before) return t('advert_from_zero', words);
  return t(now > before ? 'advert_up' : 'advert_down', { ...words, change: format.percent(Math.abs(now / before - 1)) });
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

/** @param {string} name @param {number} value @param {number} most @param {string} look */
function scale(name, value, most, look) {
  return h('p', { class: `scale ${look}` }, h('span', {}, name), h('i', { style: { width: `${(most ? value / most : 0) * 55}%` } }), h('b', {}, format.value(value, 'clients')));
}
