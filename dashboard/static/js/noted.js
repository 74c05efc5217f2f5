// What people have noted: campaigns and incidents, saved views. Asked for when the page opens and after each change.

import { ask, cancelled } from './api.js';
import { page } from './page.js';

/** All there are: a few hundred at most, and the advert check offers those outside of the range too. */
export async function loadAnnotations() {
  const asked = page.state.organisation ? `?${new URLSearchParams({ organisation: page.state.organisation })}` : '';
  try {
    const [found] = await ask('annotations', `annotations${asked}`);
    if (!found.annotations.length && !page.annotations.length) return;
    page.annotations = found.annotations;
  } catch (error) {
    if (cancelled(error)) return;
    page.annotations = []; // the chart is whole without them, and asks again with the next change
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
