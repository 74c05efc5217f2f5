// What a tap or a key does beyond changing what is shown: lists, files, panels, links.

import { change } from './asking.js';
import { drill } from './drill.js';
import { find, h } from './dom.js';
import { save } from './files.js';
import * as format from './format.js';
import { language, t } from './i18n.js';
import { behind, files, provisional, running, walls } from './lines.js';
import { inView, page, shownLines } from './page.js';
import { picker } from './picker.js';
import { popover } from './popover.js';
import { HOUR, after, formatWall } from './range.js';
import { write } from './state.js';

/** @typedef {import('./types.js').Line} Line */

/** @param {number} index @param {Line} line */
export function openList(index, line) {
  const asked = page.answer && behind(line, page.state, page.answer, index);
  if (!page.answer || !asked) return line.rest ? say(t('list_of_rest')) : undefined;
  drill(asked, line, format.bucketAt(walls(page.answer), index, page.answer.meta.step), line.values[index], page.answer.meta);
}

/** To the ear, and for a while to the eye. @param {string} text */
export function say(text) {
  find('#said').textContent = text;
  const note = h('div', { class: 'toast', 'aria-hidden': 'true' }, text);
  document.body.append(note);
  setTimeout(() => note.remove(), 3_500);
}

/** @param {string} key @param {boolean} alone */
export function toggle(key, alone) {
  const keys = shownLines().map((line) => line.key);
  const others = keys.filter((one) => one !== key);
  const solo = others.every((one) => page.state.off.includes(one)) && !page.state.off.includes(key);
  const off = alone ? (solo ? [] : others) : page.state.off.includes(key) ? page.state.off.filter((one) => one !== key) : [...page.state.off.filter((one) => keys.includes(one)), key];
  change({ off }, 'answer');
}

/** @param {string} name */
export function remove(name) {
  change({ metrics: page.state.metrics.filter((one) => one !== name), off: [] });
}

/** @param {HTMLElement} owner */
export function openPicker(owner) {
  popover(owner, t('metrics'), () => picker([...page.catalogue.values()], page.state.metrics, (metrics) => change({ metrics, off: page.state.off.filter((key) => metrics.includes(key.split('|')[0])) })), { wide: true });
}

/** @param {number} from @param {number} to buckets */
export function dragged(from, to) {
  if (!page.answer) return;
  const times = walls(page.answer);
  change({ range: { from: times[from], to: after(times[to], page.answer.meta.step) } });
}

export function described() {
  return page.answer && { lines: shownLines(), walls: walls(page.answer), meta: page.answer.meta, running: running(page.answer), provisional: provisional(page.answer), kind: page.state.kind, drill: shownLines().some((line) => line.metric.list) };
}

/** The API's own files; of metrics that are asked apart from the others one each. @param {'csv'|'xlsx'} form */
export function saveFile(form) {
  if (!page.answer) return;
  const { span, step } = inView();
  for (const asked of files(page.state, page.catalogue, span, step, shownLines())) save('', `/api/v1/timeseries.${form}?${asked}&lang=${language()}`);
}

/** @param {string} picture an address of data */
export function savePng(picture) {
  save(`${fileName()}.png`, picture);
}

function fileName() {
  const { span } = inView();
  return `pulse ${formatWall(span.from).slice(0, 10)} ${formatWall(span.to - HOUR).slice(0, 10)}`;
}

export async function copyLink() {
  const { span } = inView();
  const fixed = new URL(location.pathname + write({ ...page.state, range: 'from' in page.state.range ? page.state.range : span }), location.href);
  await navigator.clipboard?.writeText(fixed.href).catch(() => undefined);
  say(t('link_copied'));
}
