// From lines to what ECharts draws. Pure: no element, no clock.

import { events, provisional } from './grounds.js';
import { DASHES, SYMBOLS, decal } from './looks.js';
import { axes, shareAt, stackedLines, stackedOf, stacks } from './stacks.js';
import { crowded, thinned } from './thin.js';
import { ticks } from './ticks.js';

/** @typedef {import('./types.js').Line} Line */
/** @typedef {import('./types.js').Values} Values */
/** @typedef {import('./range.js').Step} Step */
/** @typedef {{lines: string[], text: string, faint: string, surface: string, hatch: string, font: string, campaign: string, incident: string}} Theme */
/**
 * @typedef {object} Picture
 * @property {Line[]} lines
 * @property {number[]} walls
 * @property {Step} step
 * @property {number} running the first bucket that is not finished
 * @property {number} provisional the first that may still change
 * @property {string} provisionally what is said of them
 * @property {import('./state.js').Kind} kind
 * @property {boolean} values
 * @property {boolean} smooth
 * @property {import('./marks.js').Mark[]} marks campaigns and incidents
 * @property {boolean} named their names too: on a picture that leaves the page
 * @property {number} width
 * @property {Theme} theme
 * @property {(wall: number) => string} tick
 * @property {(value: number, line: Line) => string} short
 * @property {(share: number) => string} percent
 */
/** @typedef {Record<string, unknown>} Drawn a series of ECharts */

/** Markers on each point up to so many, beyond that here and there. */
const EACH_MARKED = 45;
const MARKS = 12;
/** Labels on points only where they do not lie on each other. */
const MOST_LABELS = 120;
/** Pixels of a chart that is wider than a phone's. */
const LEAST_WIDE = 480;
/** Of a crowded line: dashes would not be seen, and anything wider takes a hundred times as long to paint. */
const HAIR = { width: 1, type: 'solid', cap: 'butt', join: 'bevel' };
/** @type {import('./thin.js').Point} */
const GAP = [-1, null];
/** Hatching only on bars with room for it, in pixels. */
const LEAST_HATCHED = 18;

/** @param {Picture} picture */
export function option(picture) {
  const lines = picture.lines.filter((line) => !line.off);
  const scales = axes(lines, picture.kind);
  const stacked = stacks(picture.kind) ? stackedOf(lines) : [];
  const axisOf = (/** @type {Line} */ line) => scales.findIndex((axis) => axis.lines.includes(line));
  return {
    animation: false,
    aria: { enabled: false },
    textStyle: { fontFamily: picture.theme.font },
    grid: grid(picture, scales.length),
    xAxis: xAxis(picture),
    yAxis: scales.length ? scales.map((axis, index) => yAxis(picture, axis, index)) : [yAxis(picture, { scale: 'count', share: false, lines: [] }, 0)],
    series: [...lines.flatMap((line) => drawn(picture, line, stacked, axisOf(line))), ...provisional(picture), ...events(picture)],
  };
}

/** Right of the second scale each further one needs room for its numbers. @param {Picture} picture @param {number} scales */
function grid({ width, values }, scales) {
  const further = Math.max(0, Math.min(scales, scalesNamed(width)) - 2);
  return { left: 8, right: 12 + 46 * further, top: values ? 26 : 14, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' };
}

/** @param {Picture} picture */
function xAxis({ walls, step, width, theme, kind, tick }) {
  const labelled = ticks(walls, step, Math.floor(width / (step === 'hour' && walls.length <= 72 ? 52 : 76)));
  const interval = (/** @type {number} */ index) => labelled.has(index);
  const [axis, shown] = kind === 'line' && crowded(walls.length, width)
    ? [{ type: 'value', min: 0, max: walls.length - 1, splitLine: { show: false } }, { customValues: [...labelled] }] // a name for each bucket would cost more than the lines
    : [{ type: 'category', data: walls.map((_, index) => String(index)), boundaryGap: kind !== 'line' || walls.length === 1 }, { interval }];
  return {
    ...axis,
    axisLine: { lineStyle: { color: theme.faint } },
    axisTick: { show: walls.length > 1, ...shown, lineStyle: { color: theme.faint }, alignWithLabel: true },
    axisLabel: {
      ...shown, color: theme.text, fontSize: 12, hideOverlap: true,
      ...(kind === 'line' ? { alignMinLabel: 'left', alignMaxLabel: 'right' } : {}),
      formatter: (/** @type {string} */ index) => tick(walls[Number(index)]),
    },
  };
}

/** Of how many scales there is room for the numbers: on a phone more than two leave none for the lines. @param {number} width */
function scalesNamed(width) {
  return width < LEAST_WIDE ? 2 : Infinity;
}

/** @param {Picture} picture @param {import('./stacks.js').Axis} axis @param {number} index */
function yAxis({ theme, width, short, percent }, { scale, share, lines: [one] }, index) {
  return {
    type: 'value',
    min: 0,
    ...(share ? { max: 1, interval: 0.25 } : {}),
    ...(scale === 'count' && !share ? { minInterval: 1 } : {}),
    position: index === 0 ? 'left' : 'right',
    offset: Math.max(0, index - 1) * 58,
    splitNumber: 4,
    splitLine: { show: index === 0, lineStyle: { color: theme.faint, opacity: 0.6 } },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { show: index < scalesNamed(width), color: theme.text, fontSize: 12, formatter: (/** @type {number} */ value) => (share ? percent(value) : one ? short(value, one) : String(value)) },
  };
}

/** @param {Picture} picture @param {Line} line @param {Line[]} stacked @param {number} axis @returns {Drawn[]} */
function drawn(picture, line, stacked, axis) {
  const ghost = line.comparison && !stacks(picture.kind) ? [ghostOf(picture, line, axis)] : [];
  if (picture.kind === 'bar') return [...ghost, bars(picture, line, line.values, axis, false)];
  if (stacked.includes(line)) return [bars(picture, line, picture.kind === 'share' ? shares(line, stacked) : line.values, axis, true)];
  return [...ghost, ...curve(picture, line, line.values, axis)];
}

/** Of all lines that are stacked, in each bucket. @param {Line} line @param {Line[]} lines @returns {Values} */
export function shares(line, lines) {
  const whole = stackedLines(lines, line.scale);
  return line.values.map((_, index) => shareAt(line, whole, index));
}

/** @param {Picture} picture @param {Line} line @param {Values} values @param {number} axis @param {boolean} stacked */
function bars(picture, line, values, axis, stacked) {
  const { theme, running } = picture;
  const colour = theme.lines[line.look];
  const edge = stacked ? { borderColor: theme.surface, borderWidth: picture.walls.length > 60 ? 0 : 0.5 } : { borderRadius: [2, 2, 0, 0] };
  const hatching = picture.width / picture.walls.length < LEAST_HATCHED ? null : decal(line.look, theme.hatch);
  return {
    id: line.key,
    name: line.full,
    type: 'bar',
    yAxisIndex: axis,
    ...(stacked ? { stack: `${line.scale}` } : {}),
    barMaxWidth: 48,
    barCategoryGap: picture.walls.length > 60 ? '12%' : '28%',
    large: picture.walls.length > 2_000,
    itemStyle: { color: colour, ...(hatching ? { decal: hatching } : {}), ...edge },
    emphasis: { disabled: true },
    label: label(picture, line, stacked),
    data: values.map((value, index) => (index < running ? value : { value, itemStyle: { opacity: 0.5, borderColor: colour, borderWidth: 1, borderType: 'dashed' } })),
  };
}

/**
 * The running part is a line of its own, dashed, from the last finished bucket on.
 * @param {Picture} picture @param {Line} line @param {Values} values @param {number} axis
 * @returns {Drawn[]}
 */
function curve(picture, line, values, axis) {
  const { running, smooth } = picture;
  const smoothed = smooth ? average(values, running) : values;
  const finished = running < values.length ? smoothed.map((value, index) => (index < running ? value : null)) : smoothed;
  /** @type {Drawn[]} */
  const parts = [one(picture, line, finished, axis, line.key, DASHES[line.look])];
  if (running < values.length) {
    const rest = smoothed.map((value, index) => (index < running - 1 ? null : value));
    parts.push(one(picture, line, rest, axis, `${line.key} running`, [3, 4]));
  }
  if (values.length > EACH_MARKED) parts.push(marks(picture, line, smoothed, axis));
  return parts;
}

/** @param {Picture} picture @param {Line} line @param {Values} values @param {number} axis @param {string} id @param {'solid'|number[]} dash */
function one(picture, line, values, axis, id, dash) {
  const colour = picture.theme.lines[line.look];
  const few = values.length <= EACH_MARKED;
  const dense = crowded(values.length, picture.width);
  return {
    id,
    name: line.full,
    type: 'line',
    yAxisIndex: axis,
    silent: true,
    z: 3,
    connectNulls: false,
    showSymbol: few || alone(values),
    symbol: SYMBOLS[line.look],
    symbolSize: 7,
    lineStyle: dense ? { color: colour, ...HAIR } : { color: colour, width: 2, type: dash, cap: 'round', join: 'round' },
    itemStyle: { color: colour },
    emphasis: { disabled: true },
    label: label(picture, line),
    data: dense ? thinned(values, picture.width).packed : values,
  };
}

/** A point between gaps would not be seen as a line. @param {Values} values */
function alone(values) {
  const first = values.findIndex((value) => value !== null);
  return first !== -1 && values.findIndex((value, index) => index > first && value !== null) === -1;
}

/** A line goes through two points at least. @param {import('./thin.js').Point[]} points */
function lonely(points) {
  return points.filter(([, value], at) => value !== null && (points[at - 1] ?? GAP)[1] === null && (points[at + 1] ?? GAP)[1] === null);
}

/** A few markers along a long line, and dots where no line is: between gaps. @param {Picture} picture @param {Line} line @param {Values} values @param {number} axis */
function marks(picture, line, values, axis) {
  const every = Math.ceil(values.length / MARKS);
  const offset = (Math.floor(every / 2) + line.look * Math.floor(every / 5)) % every;
  return {
    id: `${line.key} marks`,
    type: 'scatter',
    yAxisIndex: axis,
    silent: true,
    z: 4,
    symbol: SYMBOLS[line.look],
    symbolSize: 8,
    itemStyle: { color: picture.theme.lines[line.look] },
    emphasis: { disabled: true },
    data: [
      ...Array.from({ length: MARKS }, (_, nth) => nth * every + offset).flatMap((index) => (typeof values[index] === 'number' ? [[index, values[index]]] : [])),
      ...lonely(thinned(values, picture.width).points).map((point) => ({ value: point, symbol: 'circle', symbolSize: 4 })),
    ],
  };
}

/** @param {Picture} picture @param {Line} line @param {number} axis */
function ghostOf(picture, line, axis) {
  const colour = picture.theme.lines[line.look];
  const before = line.comparison?.values ?? [];
  const values = picture.smooth && picture.kind === 'line' ? average(before) : before;
  const dense = crowded(values.length, picture.width);
  return {
    id: `${line.key} before`,
    type: 'line',
    yAxisIndex: axis,
    silent: true,
    z: 2,
    showSymbol: false,
    lineStyle: dense ? { color: colour, ...HAIR, opacity: 0.4 } : { color: colour, width: 1.5, type: [2, 3], opacity: 0.6 },
    emphasis: { disabled: true },
    data: dense ? thinned(values, picture.width).packed : values,
  };
}

/** @param {Picture} picture @param {Line} line @param {boolean} [inside] of a stack */
function label(picture, line, inside = false) {
  if (!picture.values || picture.walls.length > MOST_LABELS) return { show: false };
  return {
    show: true,
    position: inside ? 'inside' : 'top',
    fontSize: 11,
    color: inside ? picture.theme.surface : picture.theme.text,
    textBorderColor: inside ? picture.theme.lines[line.look] : picture.theme.surface,
    textBorderWidth: 3,
    formatter: (/** @type {{value: number|null}} */ { value }) => (value === null ? '' : inside && picture.kind === 'share' ? picture.percent(value) : picture.short(value, line)),
  };
}

/**
 * Over seven buckets about each, where that many are known; what is not known stays so. The running bucket is no part of
 * any mean and stays as it is: it would draw finished ones down with it.
 * @param {Values} values @param {number} [finished] how many buckets are
 * @returns {Values}
 */
export function average(values, finished = values.length) {
  return values.map((value, index) => {
    if (value === null || index >= finished) return value;
    const near = values.slice(Math.max(0, index - 3), Math.min(index + 4, finished)).filter((one) => one !== null);
    return near.reduce((all, one) => all + one, 0) / near.length;
  });
}
