// Which bar does a day belong to, by the rules of three calendars?
//
// ISO weeks begin on Monday, US weeks on Sunday. Windows are numbered from the first whole one of the asset on; `end`
// is the day after the last one.
import { familyOf, formatDay, parseDay, parseTimeframe } from '../../src/domain/index.js';

const firstDay = parseDay('2025-01-01');
const day = parseDay('2025-08-15');
for (const [alignment, tf] of [
  ['cal_iso', '1W_CAL_ISO'],
  ['cal_us', '1W_CAL_US'],
  ['cal_us', '3M_CAL'],
] as const) {
  const window = familyOf(alignment).windowAt(day, parseTimeframe(alignment, tf), firstDay);
  if (window === null) throw new Error('the day lies before the first window');
  const { seq, start, end } = window;
  console.log(`${tf.padEnd(10)} bar ${seq}: ${formatDay(start)} to ${formatDay(end - 1)}`);
}

// Output:
// 1W_CAL_ISO bar 32: 2025-08-11 to 2025-08-17
// 1W_CAL_US  bar 32: 2025-08-10 to 2025-08-16
// 3M_CAL     bar 3: 2025-07-01 to 2025-09-30
