// Light, dark or as the system has it; the colours of the chart come from the style sheet, so that there is one place of them.

/** @typedef {'auto'|'light'|'dark'} Choice */
/** @type {Choice[]} */
const ORDER = ['auto', 'light', 'dark'];

/** @returns {Choice} */
export function chosen() {
  const kept = remembered('theme');
  return ORDER.find((one) => one === kept) ?? 'auto';
}

export function apply() {
  const choice = chosen();
  if (choice === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

export function next() {
  remember('theme', ORDER[(ORDER.indexOf(chosen()) + 1) % ORDER.length]);
  apply();
}

/** @type {Map<string, import('./series.js').Theme>} */
const read = new Map();

/** Read once: each reading makes the browser work out all styles. @returns {import('./series.js').Theme} */
export function colours() {
  const look = `${chosen()} ${matchMedia('(prefers-color-scheme: dark)').matches}`;
  const found = read.get(look) ?? fromSheet();
  read.set(look, found);
  return found;
}

/** @returns {import('./series.js').Theme} */
function fromSheet() {
  const style = getComputedStyle(document.documentElement);
  const of = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return { lines: Array.from({ length: 9 }, (_, index) => of(`--line-${index + 1}`)), text: of('--muted'), faint: of('--rule'), surface: of('--surface'), hatch: of('--hatch'), font: of('--font'), campaign: of('--campaign'), incident: of('--incident') };
}

/** Where a browser keeps nothing, nothing is kept. @param {string} name */
export function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // a browser that keeps nothing: the choice lasts as long as the page
  }
}
