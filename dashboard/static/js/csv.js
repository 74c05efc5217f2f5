// The table as a file that opens right in a Russian Excel, and in an English one: pure.

/** @typedef {import('./types.js').Line} Line */

/** What a table of numbers could take for a formula is kept as text. @param {string} text */
function cell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The wall clock; of an hour that occurs twice with its offset. @param {string} bucket @param {string[]} buckets @param {number} index */
function time(bucket, buckets, index) {
  const wall = bucket.slice(0, 16);
  const twice = [buckets[index - 1], buckets[index + 1]].some((other) => other?.slice(0, 16) === wall);
  return `${wall.replace('T', ' ')}${twice ? ` ${bucket.slice(16)}` : ''}`;
}

/** In whole units: seconds, roubles. @param {number|null} value @param {Line} line @param {boolean} comma */
function number(value, line, comma) {
  if (value === null) return '';
  const unit = line.metric.unit;
  const scaled = unit === 'ms' ? value / 1_000 : unit === 'money' ? value / 100 : value;
  const text = String(Math.round(scaled * 1e6) / 1e6);
  return comma ? text.replace('.', ',') : text;
}

/**
 * @param {Line[]} lines @param {string[]} buckets
 * @param {{first: string, total: string, before: string, seconds: string, comma: boolean, notes: string[]}} words
 */
export function csv(lines, buckets, words) {
  const name = (/** @type {Line} */ line) => (line.metric.unit === 'ms' ? `${line.full}, ${words.seconds}` : line.full);
  const heading = [words.first, ...lines.flatMap((line) => [name(line), ...(line.comparison ? [`${name(line)}, ${words.before}`] : [])])];
  const row = (/** @type {string} */ first, /** @type {number} */ index) => [cell(first), ...lines.flatMap((line) => [
    number(index < 0 ? line.total : line.values[index], line, words.comma),
    ...(line.comparison ? [number(index < 0 ? line.comparison.total : line.comparison.values[index], line, words.comma)] : []),
  ])];
  const all = [heading.map(cell), ...buckets.map((bucket, index) => row(time(bucket, buckets, index), index)), row(words.total, -1), ...words.notes.map((note) => [cell(note)])];
  return `\uFEFF${all.map((cells) => cells.join(';')).join('\r\n')}\r\n`;
}
