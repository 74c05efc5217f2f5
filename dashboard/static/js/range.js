// Ranges of wall-clock time. Pure. A wall time is a number: milliseconds as if its clock were that of UTC, so that days
// are always 24 hours here; which hours exist is the API's knowledge.

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** @typedef {'hour'|'day'|'week'|'month'} Step */
/** @typedef {{from: number, to: number}} Span half-open */

/** @type {Step[]} */
export const STEPS = ['hour', 'day', 'week', 'month'];
export const PRESETS = ['today', 'yesterday', '7d', '28d', '90d', '12m', 'month', 'last_month', 'year', 'all'];

/** As many buckets as a chart can show: 400 days of hours. */
export const MOST_BUCKETS = 9_600;
/** @type {Record<Step, number>} */
const LENGTH = { hour: HOUR, day: DAY, week: WEEK, month: 28 * DAY };

/** @param {string} text 2026-03-01 or 2026-03-01T08:00, an offset behind it is left aside @returns {number|null} */
export function parseWall(text) {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):00)?/.exec(text);
  if (!found) return null;
  const [year, month, day, hour] = found.slice(1).map((part) => Number(part ?? 0));
  const wall = Date.UTC(year, month - 1, day, hour);
  return formatWall(wall).startsWith(text.slice(0, 10)) && hour < 24 ? wall : null;
}

/** @param {number} wall */
export function formatWall(wall) {
  const text = new Date(wall).toISOString();
  return wall % DAY === 0 ? text.slice(0, 10) : text.slice(0, 16);
}

/** @type {Map<string|undefined, Intl.DateTimeFormat>} */
const clocks = new Map();

/** Made once: making one costs milliseconds. @param {string|undefined} zone */
function clockOf(zone) {
  const made = clocks.get(zone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  clocks.set(zone, made);
  return made;
}

/** @param {number} instant @param {string|undefined} zone the browser's, if none is given @returns {number} */
export function wallOf(instant, zone) {
  const parts = clockOf(zone).formatToParts(instant);
  const part = (/** @type {string} */ type) => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
}

/** @param {number} wall @param {Step} step */
export function floor(wall, step) {
  if (step === 'hour') return Math.floor(wall / HOUR) * HOUR;
  const day = Math.floor(wall / DAY) * DAY;
  if (step === 'day') return day;
  if (step === 'week') return day - ((new Date(day).getUTCDay() + 6) % 7) * DAY;
  return months(day, 0);
}

/** @param {number} wall @param {Step} step the end of the bucket that begins there */
export function after(wall, step) {
  return step === 'month' ? months(wall, 1) : floor(wall, step) + LENGTH[step];
}

/** @param {number} wall @param {Step} step */
export function ceil(wall, step) {
  const start = floor(wall, step);
  return start === wall ? wall : after(start, step);
}

/** @param {number} wall @param {number} by the first of the month so many months away */
export function months(wall, by) {
  const date = new Date(wall);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + by, 1);
}

/** @param {Span} span @param {Step} step @returns {Span} */
export function snap({ from, to }, step) {
  return { from: floor(from, step), to: ceil(to, step) };
}

/** The same as the API's own. @param {Span} span @returns {Step} */
export function autoStep({ from, to }) {
  const days = (to - from) / DAY;
  return days <= 3 ? 'hour' : days <= 100 ? 'day' : days <= 750 ? 'week' : 'month';
}

/** @param {Span} span @param {Step} step */
export function tooMany({ from, to }, step) {
  return (to - from) / LENGTH[step] > MOST_BUCKETS;
}

/**
 * @param {string} preset
 * @param {number} now
 * @param {number|null} begun where the records begin, if that is known
 * @returns {Span}
 */
export function presetSpan(preset, now, begun) {
  const today = floor(now, 'day');
  const tomorrow = today + DAY;
  const month = floor(now, 'month');
  switch (preset) {
    case 'today': return { from: today, to: tomorrow };
    case 'yesterday': return { from: today - DAY, to: today };
    case '7d': return { from: tomorrow - 7 * DAY, to: tomorrow };
    case '90d': return { from: tomorrow - 90 * DAY, to: tomorrow };
    case '12m': return { from: tomorrow - 365 * DAY, to: tomorrow };
    case 'month': return { from: month, to: months(month, 1) };
    case 'last_month': return { from: months(month, -1), to: month };
    case 'year': return { from: Date.UTC(new Date(now).getUTCFullYear(), 0), to: Date.UTC(new Date(now).getUTCFullYear() + 1, 0) };
    case 'all': return { from: Math.min(begun ?? today - 365 * DAY, today), to: tomorrow };
    default: return { from: tomorrow - 28 * DAY, to: tomorrow };
  }
}

/** One length further; whole months stay whole months. @param {Span} span @param {1|-1} way @returns {Span} */
export function moved({ from, to }, way) {
  const count = wholeMonths(from, to);
  if (count > 0) return { from: months(from, way * count), to: months(to, way * count) };
  const length = to - from;
  return { from: from + way * length, to: to + way * length };
}

/** @param {number} from @param {number} to */
function wholeMonths(from, to) {
  if (floor(from, 'month') !== from || floor(to, 'month') !== to) return 0;
  const [start, end] = [new Date(from), new Date(to)];
  return (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth();
}

/** Half as long or twice as long about its middle, in whole hours or days. @param {Span} span @param {boolean} closer @returns {Span} */
export function zoomed({ from, to }, closer) {
  const grain = to - from > 4 * DAY ? DAY : HOUR;
  const by = Math.round(((to - from) / (closer ? 4 : -2)) / grain) * grain;
  const span = { from: from + by, to: to - by };
  return span.to - span.from < grain ? { from, to } : span;
}

/** What the API compares with: as long a range before, from a week up whole weeks back; or the same dates a year before. @param {Span} span @param {string} compare @returns {Span|null} */
export function comparedSpan({ from, to }, compare) {
  if (compare === 'none') return null;
  if (compare === 'year') return { from: yearBefore(from), to: yearBefore(to) };
  const back = to - from < WEEK ? to - from : Math.ceil((to - from) / WEEK) * WEEK;
  return { from: from - back, to: to - back };
}

/** @param {number} wall */
function yearBefore(wall) {
  const date = new Date(wall);
  return date.setUTCFullYear(date.getUTCFullYear() - 1);
}
