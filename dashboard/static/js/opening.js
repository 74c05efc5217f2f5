// The page begins here: what the address says is asked for at once, while what draws it is still being loaded.

import { begin } from './asking.js';
import { preferred, speak } from './i18n.js';
import { page } from './page.js';
import { read } from './state.js';
import { remembered } from './theme.js';

const kept = remembered('language');
speak(kept === 'ru' || kept === 'en' ? kept : preferred(navigator.languages));
page.state = read(location.search);
void begin();
