// What a finger does: where it stays, what a mouse does with Alt, or by dragging.

const HOLD_MS = 450;
const STILL_PX = 8;

/** Where what is pressed is pressed by a finger. */
export function byFinger() {
  return matchMedia('(pointer: coarse)').matches;
}

/** @param {HTMLElement} element @param {(event: PointerEvent) => void} held with the press, while the finger is still down */
export function onHold(element, held) {
  /** @type {PointerEvent|null} */
  let press = null;
  let timer = 0;
  const end = () => clearTimeout(timer);
  element.addEventListener('pointerdown', (event) => {
    end();
    press = event.pointerType === 'mouse' || !event.isPrimary ? null : event;
    if (!press) return;
    timer = window.setTimeout(() => {
      dropClick();
      held(event);
    }, HOLD_MS);
  });
  element.addEventListener('pointermove', (event) => press && Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) > STILL_PX && end());
  for (const name of ['pointerup', 'pointercancel', 'pointerleave']) element.addEventListener(name, end);
  element.addEventListener('contextmenu', (event) => press && event.preventDefault()); // a browser's own answer to a finger that stays
}

/** The click that a browser may still make of this touch is nobody's: what was below the finger may be another by now. */
function dropClick() {
  const drop = (/** @type {Event} */ event) => event.stopPropagation();
  window.addEventListener('click', drop, { capture: true, once: true });
  window.addEventListener('pointerdown', () => window.removeEventListener('click', drop, { capture: true }), { capture: true, once: true });
}
