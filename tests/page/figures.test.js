// What the chart, its panel and its table say of numbers and times: formats, shares, changes. Run by `pytest tests/page`.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as format from '../../dashboard/static/js/format.js';
import { speak } from '../../dashboard/static/js/i18n.js';
import { HOUR, parseWall } from '../../dashboard/static/js/range.js';

process.env.TZ = 'Asia/Yekaterinburg'; // a browser whose clock is neither the office's nor that of UTC

const at = (text) => parseWall(text);

test('hours keep their names after a moment was shown by the clock of the browser', () => {
  speak('en');
  assert.equal(format.dated('2026-03-02T00:00:00Z', null), '2 Mar 2026, 05:00');
  format.moment(new Date().toISOString(), null);
  assert.equal(format.clock(0), '00:00');
  assert.equal(format.bucket(at('2026-03-02') + 8 * HOUR, 'hour'), 'Mon 2 March, 08:00–09:00');
});
