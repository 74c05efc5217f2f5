// What is drawn behind the lines: campaigns, incidents, and what may still change. Pure.

/** @typedef {import('./marks.js').Mark} Mark */
/** @typedef {import('./series.js').Picture} Picture */
/** @typedef {import('./series.js').Theme} Theme */
/** @typedef {import('./series.js').Drawn} Drawn */

/** A ground of its own under what may still change. @param {Picture} picture @returns {Drawn[]} */
export function provisional({ walls, running, provisional, provisionally, theme }) {
  if (provisional >= Math.min(running, walls.length)) return [];
  const label = { show: true, position: 'insideTopLeft', color: theme.text, fontSize: 11, formatter: provisionally };
  const data = [[{ xAxis: provisional }, { xAxis: walls.length - 1 }]];
  const markArea = { silent: true, itemStyle: { color: theme.faint, opacity: 0.35 }, label, data };
  return [{ id: 'provisional', type: 'line', silent: true, data: [], markArea }];
}

/** Campaigns and incidents: a ground for a span, a line for a moment. @param {Picture} picture @returns {Drawn[]} */
export function events({ marks, named, theme }) {
  if (!marks.length) return [];
  const markArea = { silent: true, data: marks.filter(isSpan).map((mark) => ground(mark, named, theme)) };
  const moments = marks.filter((mark) => !isSpan(mark)).map((mark) => upright(mark, named, theme));
  const markLine = { silent: true, symbol: 'none', animation: false, data: moments };
  return [{ id: 'events', type: 'line', silent: true, z: 1, data: [], markArea, markLine }];
}

/** @param {Mark} mark */
function isSpan({ from, to }) {
  return to > from;
}

/** @param {Mark} mark @param {boolean} named @param {Theme} theme */
function ground(mark, named, theme) {
  const itemStyle = { color: theme[mark.annotation.kind], opacity: 0.1 };
  return [{ xAxis: mark.from, itemStyle, label: title(mark, named, theme, 'insideTop') }, { xAxis: mark.to }];
}

/** @param {Mark} mark @param {boolean} named @param {Theme} theme */
function upright(mark, named, theme) {
  const lineStyle = { color: theme[mark.annotation.kind], type: 'solid', width: 1, opacity: 0.7 };
  return { xAxis: mark.from, lineStyle, label: title(mark, named, theme, 'insideEndTop') };
}

/** @param {Mark} mark @param {boolean} named @param {Theme} theme @param {string} position */
function title({ annotation }, named, theme, position) {
  return { show: named, position, color: theme.text, fontSize: 11, formatter: () => annotation.title };
}
