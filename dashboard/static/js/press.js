// A mouse press during which the page is drawn anew: a browser clicks only what was there both when the button went down
// and when it came up. What stands there now under the same `data-key` is what was meant.

export function keepPresses() {
  /** @type {HTMLElement|null} */
  let pressed = null;
  document.addEventListener('pointerdown', (event) => {
    pressed = event.pointerType === 'mouse' && event.button === 0 ? keyed(event) : null; // a finger clicks where it leaves
  }, { capture: true });
  document.addEventListener('pointerup', (event) => {
    const now = pressed && !pressed.isConnected ? keyed(event) : null;
    if (now?.dataset.key === pressed?.dataset.key) now?.dispatchEvent(new MouseEvent('click', { bubbles: true, altKey: event.altKey }));
    pressed = null;
  }, { capture: true });
}

/** @param {Event} event @returns {HTMLElement|null} */
function keyed({ target }) {
  return target instanceof Element ? target.closest('[data-key]') : null;
}
