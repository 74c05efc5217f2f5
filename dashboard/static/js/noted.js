// What people have noted: campaigns and incidents, saved views. Asked for when the page opens, for another organisation and
// after each change; what could not be had, once more with the next answer.

import { ask, cancelled } from './api.js';
import { page } from './page.js';

let missing = false;

/** Whether those that the page has are not all there are. */
export function annotationsMissing() {
  return missing;
}

/** All there are: a few hundred at most, and the advert check offers those outside of the range too. */
export async function loadAnnotations() {
  const asked = page.state.organisation ? `?${new URLSearchParams({ organisation: page.state.organisation })}` : '';
  try {
    const [found] = await ask('annotations', `annotations${asked}`);
    missing = false;
    if (!found.annotations.length && !page.annotations.length) return;
    page.annotations = found.annotations;
  } catch (error) {
    if (cancelled(error)) return;
    missing = true; // the chart is whole without them
    return;
  }
  page.redraw('answer');
}

export async function loadSaved() {
  try {
    const [found] = await ask('views', 'views');
    page.saved = found.views;
  } catch (error) {
    if (!cancelled(error)) page.saved = [];
  }
}
