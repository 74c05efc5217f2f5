// The chart itself: draws the lines, follows mouse, finger and keyboard. What is pointed at, chosen or dragged is told to
// whoever listens; nothing is asked or decided here.

import * as echarts from '../vendor/echarts-6.1.0.esm.min.js';
import { h } from './dom.js';
import { option } from './series.js';
import { pointed } from './stacks.js';
import { onHold } from './touch.js';

/** @typedef {import('./series.js').Picture} Picture */
/** @typedef {import('./types.js').Line} Line */
/**
 * @typedef {object} Listeners
 * @property {(index: number, line: Line|null) => Node} tooltip the line that the keyboard is on stands out
 * @property {(index: number, line: Line|null) => void} focused by keyboard
 * @property {(index: number, line: Line) => void} chosen
 * @property {(from: number, to: number) => void} dragged buckets, both inside
 * @property {() => void} drawn what lies beside the chart finds its place
 */

const LEAST_DRAG = 8;
const LEAST_SHOWN = 2;

export class Chart {
  /** @param {HTMLElement} frame @param {Listeners} listeners */
  constructor(frame, listeners) {
    this.frame = frame;
    this.listeners = listeners;
    this.canvas = h('div', { class: 'canvas', 'aria-hidden': 'true' });
    this.cross = h('div', { class: 'cross', hidden: true });
    this.tip = h('div', { class: 'tip', hidden: true });
    this.selection = h('div', { class: 'selection', hidden: true });
    frame.append(this.canvas, this.selection, this.cross, this.tip);
    this.echarts = echarts.init(this.canvas, null, { renderer: 'canvas' });
    /** @type {Picture|null} */
    this.picture = null;
    this.at = -1;
    /** @type {number|null} */
    this.dragFrom = null;
    this.again = false;
    this.byKeys = false;
    this.row = 0;
    this.listen();
  }

  listen() {
    const { frame } = this;
    new ResizeObserver(() => this.resize()).observe(frame);
    frame.addEventListener('pointermove', (event) => this.moved(event));
    frame.addEventListener('pointerleave', (event) => event.pointerType === 'mouse' && this.point(-1));
    frame.addEventListener('pointerdown', (event) => this.pressed(event));
    frame.addEventListener('pointerup', (event) => this.released(event));
    frame.addEventListener('pointercancel', () => this.drop());
    frame.addEventListener('click', (event) => this.tapped(event));
    frame.addEventListener('keydown', (event) => this.key(event));
    frame.addEventListener('blur', () => this.point(-1));
    onHold(frame, (event) => this.grab(event));
    frame.addEventListener('touchmove', (event) => this.dragFrom !== null && event.preventDefault(), { passive: false }); // else the page would scroll away
  }

  /** @param {Picture} picture */
  draw(picture) {
    this.picture = picture;
    this.echarts.setOption(option({ ...picture, width: this.width }), { notMerge: true, lazyUpdate: false });
    if (this.at >= 0) this.point(Math.min(this.at, picture.walls.length - 1));
    this.listeners.drawn();
  }

  /** Nothing is shown, nor can be pointed at. */
  clear() {
    this.picture = null;
    this.point(-1);
    this.echarts.clear();
  }

  /** As of the last resize: to ask the element costs a layout. */
  get width() {
    return this.echarts.getWidth();
  }

  /** Half of a bucket's width, where buckets have one. */
  half() {
    const picture = this.picture;
    if (!picture || (picture.kind === 'line' && picture.walls.length > 1)) return 0;
    return picture.walls.length > 1 ? (this.x(1) - this.x(0)) / 2 : this.frame.clientWidth / 4;
  }

  resize() {
    if (!this.frame.clientWidth) return;
    this.echarts.resize();
    if (this.picture) this.draw(this.picture);
  }

  /** @param {string} background @returns {string} the picture as an address of data */
  png(background) {
    const { picture } = this;
    if (picture) this.draw({ ...picture, named: true });
    const made = this.echarts.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: background });
    if (picture) this.draw(picture);
    return made;
  }

  /** @param {PointerEvent} event the bucket below it */
  bucketAt(event) {
    const count = this.picture?.walls.length ?? 0;
    if (!count) return -1;
    const x = event.clientX - this.frame.getBoundingClientRect().left;
    return Math.max(0, Math.min(count - 1, Math.round(Number(this.echarts.convertFromPixel({ xAxisIndex: 0 }, x)))));
  }

  /** @param {number} index */
  x(index) {
    return Number(this.echarts.convertToPixel({ xAxisIndex: 0 }, index));
  }

  /** @param {PointerEvent} event */
  moved(event) {
    const index = this.bucketAt(event);
    if (this.dragFrom !== null) this.select(this.dragFrom, index);
    this.point(index);
  }

  /** @param {PointerEvent} event */
  pressed(event) {
    if (event.button !== 0) return;
    if (event.pointerType !== 'mouse') return this.touched(event);
    this.grab(event);
    this.frame.setPointerCapture(event.pointerId);
  }

  /** From here on moving chooses a part: a mouse at once, a finger after it stayed for a while. @param {PointerEvent} event */
  grab(event) {
    this.dragFrom = this.bucketAt(event);
    this.pressX = event.clientX;
    this.again = false;
    this.select(this.dragFrom, this.dragFrom);
  }

  /** @param {PointerEvent} event */
  released(event) {
    const [from, to] = [this.dragFrom, this.bucketAt(event)];
    const far = Math.abs(event.clientX - (this.pressX ?? event.clientX)) >= LEAST_DRAG;
    this.drop();
    if (from !== null && far && from !== to) this.listeners.dragged(Math.min(from, to), Math.max(from, to));
    else if (to >= 0 && from !== null && event.pointerType === 'mouse') this.choose(to, event);
  }

  /** Of a finger; earlier than the click a list would open under it, and be closed by it. @param {MouseEvent} event */
  tapped(event) {
    if (this.again && this.at >= 0) this.choose(this.at, event);
    this.again = false;
  }

  /** A finger first sees what is there; the second touch of the same bucket opens its list. @param {PointerEvent} event */
  touched(event) {
    const index = this.bucketAt(event);
    this.again = index === this.at;
    this.point(index);
  }

  drop() {
    this.dragFrom = null;
    this.selection.hidden = true;
  }

  /** @param {number} from @param {number} to */
  select(from, to) {
    const [left, right] = [this.x(Math.min(from, to)), this.x(Math.max(from, to))];
    this.selection.hidden = false;
    this.selection.style.left = `${left}px`;
    this.selection.style.width = `${Math.max(LEAST_SHOWN, right - left)}px`;
  }

  /** The line under the pointer in that bucket, or the nearest. @param {number} index @param {MouseEvent} event */
  choose(index, event) {
    const { picture } = this;
    const line = picture && pointed(picture.lines, picture.kind, index, this.pointer(index, event));
    if (line) this.listeners.chosen(index, line);
  }

  /** @param {number} index @param {MouseEvent} event @returns {import('./stacks.js').Pointer} */
  pointer(index, event) {
    const { left, top } = this.frame.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const width = 2 * this.half();
    return {
      across: width ? (x - this.x(index)) / width + 0.5 : 0,
      far: (axis, value) => Math.abs(Number(this.echarts.convertToPixel({ yAxisIndex: axis }, value)) - y),
      height: (axis) => Number(this.echarts.convertFromPixel({ yAxisIndex: axis }, y)),
    };
  }

  /** @param {number} index -1: nothing */
  point(index) {
    this.at = index;
    const { picture } = this;
    const none = index < 0 || !picture || !picture.lines.some((line) => !line.off);
    this.cross.hidden = none;
    this.tip.hidden = none;
    if (none) return;
    const x = this.x(index);
    this.cross.style.left = `${x}px`;
    this.tip.replaceChildren(this.listeners.tooltip(index, this.byKeys ? this.line() : null));
    const room = this.frame.clientWidth;
    const left = x + 16 + this.tip.offsetWidth > room ? x - 16 - this.tip.offsetWidth : x + 16;
    this.tip.style.left = `${Math.max(4, Math.min(left, room - this.tip.offsetWidth - 4))}px`;
  }

  /** Of those that are shown, the one that the keyboard is on. */
  line() {
    const shown = (this.picture?.lines ?? []).filter((line) => !line.off);
    return shown[((this.row % shown.length) + shown.length) % shown.length] ?? null;
  }

  /** @param {number} index */
  say(index) {
    this.byKeys = true;
    this.point(index);
    this.listeners.focused(index, this.line());
    this.byKeys = false;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const last = (this.picture?.walls.length ?? 0) - 1;
    if (last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const start = this.at < 0 ? last + 1 : this.at;
    const page = Math.max(1, Math.round(last / 10));
    /** @type {Record<string, number>} */
    const ways = { ArrowRight: this.at < 0 ? 0 : start + 1, ArrowLeft: start - 1, Home: 0, End: last, PageDown: start + page, PageUp: start - page };
    if (event.key in ways) {
      event.preventDefault();
      this.say(Math.max(0, Math.min(last, ways[event.key])));
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      this.row += event.key === 'ArrowDown' ? 1 : -1;
      this.say(this.at < 0 ? last : this.at);
    } else if (event.key === 'Enter' && this.at >= 0) {
      event.preventDefault(); // else it would press what has the focus in the list that opens
      const line = this.line();
      if (line) this.listeners.chosen(this.at, line);
    } else if (event.key === 'Escape') this.point(-1);
  }
}
