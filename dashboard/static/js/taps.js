// What a tap or a key does beyond changing what is shown: lists, files, panels, links.

import { download } from './api.js';
import { change } from './asking.js';
import { dialog } from './dialogs.js';
import { drill } from './drill.js';
import { find, h } from './dom.js';
import { save } from './files.js';
import * as format from './format.js';
import { language, t } from './i18n.js';
import { behind, files, provisional, running, walls } from './lines.js';
import { inQuestion, inView, page, shownLines } from './page.js';
import { picker } from './picker.js';
import { popover } from './popover.js';
import { explained } from './problems.js';
import { HOUR, after, formatWall } from './range.js';
import { write } from './state.js';

/** @typedef {import('./types.js').Line} Line */

/** A browser needs the address a while longer than the press. */
const REVOKED_AFTER_MS = 60_000;

/** @param {number} index @param {Line} line */
export function openList(index, line) {
  const asked = page.answer && page.asked && behind(line, page.asked.state, page.answer, index);
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
  return page.answer && { lines: shownLines(), walls: walls(page.answer), meta: page.answer.meta, running: running(page.answer), provisional: provisional(page.answer), kind: page.state.kind, drill: shownLines().some((line) => !line.rest) };
}

/** The API's own files; of metrics that are asked apart from the others one each. @param {'csv'|'xlsx'} form */
export async function saveFile(form) {
  if (!page.answer) return;
  const { state, span, step } = inQuestion();
  const asked = files(state, page.catalogue, span, step, shownLines());
  try {
    for (const one of asked) await saveOne(`timeseries.${form}?${one}&lang=${language()}`);
  } catch (error) {
    dialog(t('file_failed'), [h('p', { role: 'alert' }, ...explained(error).filter((part) => part !== null))]);
  }
}

/** @param {string} path */
async function saveOne(path) {
  const { name, content } = await download(path);
  const address = URL.createObjectURL(content);
  save(name, address);
  setTimeout(() => URL.revokeObjectURL(address), REVOKED_AFTER_MS);
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
  try {
    await navigator.clipboard.writeText(fixed.href);
    say(t('link_copied'));
  } catch {
    showLink(fixed.href); // plain http has no clipboard, and a browser may refuse
  }
}

/** To be copied by hand. @param {string} address */
function showLink(address) {
  const field = h('input', { type: 'text', readonly: true, value: address, 'aria-label': t('copy_link'), data: { key: 'link' } });
  dialog(t('copy_link'), [h('p', {}, t('link_by_hand')), field]);
  field.focus();
  field.select();
}
