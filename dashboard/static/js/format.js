// Numbers, durations, money and times as people read them, in the language chosen.

import { language, t } from './i18n.js';
import { DAY, HOUR, after, floor, wallOf } from './range.js';

/** @typedef {import('./types.js').Unit} Unit */
/** @typedef {import('./range.js').Step} Step */

export const NOTHING = '–';
/** As `dashboard/money.py` has them, by ISO 4217: Intl's digits are those of the till, so none for HUF or IQD. */
const NO_MINOR = ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'];
const THOUSANDTHS = ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'];
/** @type {Map<string, Intl.NumberFormat|Intl.DateTimeFormat>} */
const made = new Map();

/** @param {Intl.NumberFormatOptions} [options] @returns {Intl.NumberFormat} */
function numbers(options = {}) {
  return kept(`n${JSON.stringify(options)}`, () => new Intl.NumberFormat(language(), options));
}

/**
 * Of wall times, unless a zone is given: undefined is the browser's, by its name, else its formatter would be kept as UTC's.
 * @param {Intl.DateTimeFormatOptions} options @returns {Intl.DateTimeFormat}
 */
function dates(options) {
  const all = { timeZone: 'UTC', ...options };
  all.timeZone ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
  return kept(`d${JSON.stringify(all)}`, () => new Intl.DateTimeFormat(language() === 'en' ? 'en-GB' : 'ru', all));
}

/** @template {Intl.NumberFormat|Intl.DateTimeFormat} T @param {string} name @param {() => T} make @returns {T} */
function kept(name, make) {
  const key = `${language()} ${name}`;
  if (!made.has(key)) made.set(key, make());
  return /** @type {T} */ (made.get(key));
}

/** @param {number|null|undefined} value @param {Unit} unit @param {string|null} [currency] @returns {string} */
export function value(value, unit, currency) {
  if (value === null || value === undefined) return NOTHING;
  if (unit === 'ms') return duration(value);
  if (unit === 'share') return numbers({ style: 'percent', maximumFractionDigits: 1 }).format(value);
  if (unit === 'money') return money(value, currency);
  return numbers({ maximumFractionDigits: 1 }).format(value);
}

/** @param {string|null|undefined} currency */
function digits(currency) {
  if (!currency) return 2;
  return NO_MINOR.includes(currency) ? 0 : THOUSANDTHS.includes(currency) ? 3 : 2;
}

/** @param {number} minor @param {string|null|undefined} currency @param {number} [shown] digits of the minor unit */
function money(minor, currency, shown = 0) {
  const options = { minimumFractionDigits: shown, maximumFractionDigits: shown };
  const amount = minor / 10 ** digits(currency);
  if (!currency) return numbers(options).format(amount);
  return numbers({ style: 'currency', currency, currencyDisplay: 'narrowSymbol', ...options }).format(amount);
}

/** Of one thing, to the last coin: minor units where there are any. @param {number} minor @param {string|null} [currency] */
export function price(minor, currency) {
  const shown = digits(currency);
  return money(minor, currency, minor % 10 ** shown ? shown : 0);
}

/** 8.4 s, 1:05 min, 3 h 20 min @param {number} ms */
export function duration(ms) {
  const seconds = ms / 1_000;
  if (seconds < 59.95) return `${numbers({ maximumFractionDigits: seconds < 10 ? 1 : 0 }).format(seconds)} ${t('s')}`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} ${t('min')}`;
  const minutes = Math.round(seconds / 60);
  return `${numbers().format(Math.floor(minutes / 60))} ${t('h')} ${String(minutes % 60).padStart(2, '0')} ${t('min')}`;
}

/** Short, for an axis. @param {number} given @param {Unit} unit @param {string|null} [currency] */
export function short(given, unit, currency) {
  if (unit === 'ms' || unit === 'share') return value(given, unit);
  const scaled = unit === 'money' ? given / 10 ** digits(currency) : given;
  if (Math.abs(scaled) < 10_000) return numbers({ maximumFractionDigits: 2 }).format(scaled) + (unit === 'money' && currency ? ` ${sign(currency)}` : '');
  return numbers({ notation: 'compact', maximumFractionDigits: 1 }).format(scaled) + (unit === 'money' && currency ? ` ${sign(currency)}` : '');
}

/** @param {string} currency */
function sign(currency) {
  return numbers({ style: 'currency', currency, currencyDisplay: 'narrowSymbol', maximumFractionDigits: 0 }).formatToParts(0).find((part) => part.type === 'currency')?.value ?? currency;
}

/** @param {number} share 0.12 is +12 % */
export function change(share) {
  return numbers({ style: 'percent', maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0, signDisplay: 'exceptZero' }).format(share).replace('-', '−');
}

/** @param {number} share */
export function percent(share) {
  return numbers({ style: 'percent', maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0 }).format(share);
}

/** Of two shares in percentage points: +10 % would be read as a tenth more. @param {number} difference @param {Unit} unit @param {string|null} [currency] */
export function difference(difference, unit, currency) {
  const text = unit === 'share' ? points(Math.abs(difference)) : value(Math.abs(difference), unit, currency);
  return difference > 0 ? `+${text}` : difference < 0 ? `−${text}` : text;
}

/** @param {number} share */
function points(share) {
  return `${numbers({ maximumFractionDigits: 1 }).format(share * 100)}\u00a0${t('percentage_points')}`;
}

/** How much more or less than before in short: relative, but of shares their difference. Null where before was nothing. @param {number} now @param {number} before @param {Unit} unit */
export function gain(now, before, unit) {
  if (unit === 'share') return difference(now - before, unit);
  return before ? change(now / before - 1) : null;
}

/** Of a bucket, in full: Mon, 3 March 2026 @param {number} wall @param {Step} step */
export function bucket(wall, step) {
  if (step === 'hour') return `${dates({ weekday: 'short', day: 'numeric', month: 'long' }).format(wall)}, ${hours(wall)}`;
  if (step === 'day') return dates({ weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' }).format(wall);
  if (step === 'week') return span(wall, after(wall, 'week'));
  return dates({ month: 'long', year: 'numeric' }).format(wall);
}

/** Of one among others: the second hour of one name says so. @param {number[]} walls @param {number} index @param {Step} step */
export function bucketAt(walls, index, step) {
  return bucket(walls[index], step) + (index > 0 && walls[index - 1] === walls[index] ? ` (${t('second_time')})` : '');
}

/** @param {number} wall */
function hours(wall) {
  return `${clock(wall)}–${clock(wall + HOUR)}`;
}

/** @param {number} wall */
export function clock(wall) {
  return dates({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(wall);
}

/** @param {number} wall */
export function day(wall) {
  return dates({ day: 'numeric', month: 'short', year: 'numeric' }).format(wall);
}

/** Of an axis: a month where one begins, else a day, or an hour. @param {number} wall @param {Step} step */
export function tick(wall, step) {
  const date = new Date(wall);
  if (step === 'month' || (step !== 'hour' && date.getUTCDate() === 1 && step === 'day')) {
    return date.getUTCMonth() === 0 ? `${dates({ month: 'short' }).format(wall)} ${date.getUTCFullYear()}` : dates({ month: 'short', ...(step === 'day' ? { day: 'numeric' } : {}) }).format(wall);
  }
  if (step === 'hour' && date.getUTCHours() !== 0) return clock(wall);
  return dates({ day: 'numeric', month: 'short' }).format(wall);
}

/** Both days inside: 3–9 March 2026. @param {number} from @param {number} to half-open */
export function span(from, to) {
  if (to - from === DAY && from % DAY === 0) return dates({ weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' }).format(from);
  if (from % DAY !== 0 || to % DAY !== 0) return `${day(from)} ${clock(from)} – ${day(to)} ${clock(to)}`;
  return dates({ day: 'numeric', month: 'short', year: 'numeric' }).formatRange(from, to - DAY);
}

/** @param {number} weekday 0 is Monday */
export function weekday(weekday) {
  return dates({ weekday: 'short' }).format(Date.UTC(2024, 0, 1 + weekday));
}

/** The day too, unless it is today there. @param {string} instant @param {string|null} zone @param {number} [now] */
export function moment(instant, zone, now = Date.now()) {
  const at = new Date(instant);
  const day = (/** @type {number} */ one) => floor(wallOf(one, zone ?? undefined), 'day');
  const today = day(at.getTime()) === day(now);
  return dates({ ...(today ? {} : { day: 'numeric', month: 'short' }), hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone ?? undefined }).format(at);
}

/** The day and the time, always. @param {string} instant @param {string|null} zone */
export function dated(instant, zone) {
  return dates({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone ?? undefined }).format(new Date(instant));
}
