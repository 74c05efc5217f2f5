// The strip over the whole history: where the range lies in it, with two handles and a middle that can be moved.

import { fill, h, svg } from './dom.js';
import { t } from './i18n.js';
import * as format from './format.js';
import { DAY, floor } from './range.js';

/** @typedef {import('./range.js').Span} Span */
/** @typedef {'from'|'to'|'both'} Grip */

export class Overview {
  /** @param {HTMLElement} strip @param {(span: Span, stepped: boolean) => void} chosen `stepped`: by a key, one of many */
  constructor(strip, chosen) {
    this.strip = strip;
    this.chosen = chosen;
    /** @type {Span} */
    this.whole = { from: 0, to: DAY };
    /** @type {Span} */
    this.span = { from: 0, to: DAY };
    /** @type {import('./page.js').Past|null} */
    this.past = null;
    this.curve = h('div', { class: 'curve' });
    this.window = h('div', { class: 'window', 'aria-hidden': 'true' });
    this.from = this.handle('from');
    this.to = this.handle('to');
    fill(strip, this.curve, this.window, this.from, this.to);
    this.window.addEventListener('pointerdown', (event) => this.drag(event, 'both'));
    strip.addEventListener('pointerdown', (event) => this.jump(event));
  }

  /** @param {Grip} grip */
  handle(grip) {
    const handle = h('div', { class: 'handle', role: 'slider', tabindex: '0' });
    handle.addEventListener('pointerdown', (event) => this.drag(event, grip));
    handle.addEventListener('keydown', (event) => this.key(event, grip));
    return handle;
  }

  /** @param {import('./page.js').Past} past */
  draw({ walls, values, whole }) {
    this.whole = whole;
    const most = Math.max(1, ...values.map((value) => value ?? 0));
    const points = walls.map((wall, index) => `${(this.share(wall) * 1000).toFixed(1)} ${(38 - (34 * (values[index] ?? 0)) / most).toFixed(1)}`);
    const area = points.length ? `M${this.share(walls[0]) * 1000} 38L${points.join('L')}L1000 38Z` : '';
    fill(this.curve, svg('svg', { viewBox: '0 0 1000 38', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, svg('path', { d: area })));
  }

  /** @param {import('./page.js').Past|null} past drawn anew only when it is another @param {Span} span */
  show(past, span) {
    if (past && past !== this.past) this.draw(past);
    this.past = past;
    this.place(span);
  }

  /** @param {number} wall */
  share(wall) {
    return Math.max(0, Math.min(1, (wall - this.whole.from) / (this.whole.to - this.whole.from)));
  }

  /** @param {Span} span */
  place(span) {
    this.span = span;
    const [left, right] = [this.share(span.from) * 100, this.share(span.to) * 100];
    this.window.style.left = `${left}%`;
    this.window.style.width = `${right - left}%`;
    this.mark(this.from, left, span.from, t('range_from'));
    this.mark(this.to, right, span.to - DAY, t('range_to'));
  }

  /** @param {HTMLElement} handle @param {number} left @param {number} wall @param {string} label */
  mark(handle, left, wall, label) {
    handle.style.left = `${left}%`;
    handle.setAttribute('aria-label', label);
    handle.setAttribute('aria-valuemin', '0');
    handle.setAttribute('aria-valuemax', String(Math.round((this.whole.to - this.whole.from) / DAY)));
    handle.setAttribute('aria-valuenow', String(Math.round((wall - this.whole.from) / DAY)));
    handle.setAttribute('aria-valuetext', format.day(wall));
  }

  /** @param {PointerEvent} event @param {Grip} grip */
  drag(event, grip) {
    if (event.button !== 0) return;
    event.stopPropagation();
    const target = /** @type {HTMLElement} */ (event.currentTarget);
    const [began, x] = [{ ...this.span }, event.clientX];
    const move = (/** @type {PointerEvent} */ at) => this.place(this.pulled(began, grip, this.days(at.clientX - x)));
    const over = new AbortController();
    const end = (/** @type {PointerEvent} */ at) => {
      over.abort();
      if (at.type === 'pointercancel') this.place(began);
      else this.choose(began);
    };
    target.setPointerCapture(event.pointerId);
    target.addEventListener('pointermove', move, { signal: over.signal });
    for (const name of /** @type {const} */ (['pointerup', 'pointercancel'])) target.addEventListener(name, end, { signal: over.signal });
  }

  /** A press that moves nothing chooses nothing: "28 days" would be days of the calendar, and no longer follow. @param {Span} began @param {boolean} [stepped] */
  choose(began, stepped = false) {
    if (this.span.from !== began.from || this.span.to !== began.to) this.chosen(this.span, stepped);
  }

  /** Whole days for so many pixels. @param {number} pixels */
  days(pixels) {
    return Math.round(((pixels / this.strip.clientWidth) * (this.whole.to - this.whole.from)) / DAY) * DAY;
  }

  /** @param {Span} span @param {Grip} grip @param {number} by @returns {Span} */
  pulled({ from, to }, grip, by) {
    const { whole } = this;
    if (grip === 'both') {
      const kept = Math.max(whole.from - from, Math.min(whole.to - to, by));
      return { from: from + kept, to: to + kept };
    }
    const [start, end] = [floor(from, 'day'), Math.ceil(to / DAY) * DAY];
    if (grip === 'from') return { from: Math.max(Math.min(whole.from, start), Math.min(start + by, end - DAY)), to: end };
    return { from: start, to: Math.min(Math.max(whole.to, end), Math.max(end + by, start + DAY)) };
  }

  /** @param {KeyboardEvent} event @param {Grip} grip */
  key(event, grip) {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const began = this.span;
    this.place(this.pulled(began, grip, by * DAY));
    this.choose(began, true);
  }

  /** A click beside the window brings its middle there. @param {PointerEvent} event */
  jump(event) {
    if (event.button !== 0 || event.target === this.from || event.target === this.to) return;
    const box = this.strip.getBoundingClientRect();
    const middle = this.whole.from + ((event.clientX - box.left) / box.width) * (this.whole.to - this.whole.from);
    const by = Math.round((middle - (this.span.from + this.span.to) / 2) / DAY) * DAY;
    const began = this.span;
    this.place(this.pulled(began, 'both', by));
    this.choose(began);
  }
}
