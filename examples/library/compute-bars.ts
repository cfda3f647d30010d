// Bars from daily prices, without a database
//
// Prices are judged first: what is accepted is numbered from 1 on, the rest is in `rejects` with its reason. The state
// that comes back continues with the days after these.
import {
  columnsOfBars,
  DAY_US,
  type DailyPrice,
  formatDay,
  judgePrices,
  parseDay,
  parseTimeframe,
  stepBars,
} from '../../src/domain/index.js';

const firstDay = parseDay('2025-06-01');
const prices = [10, 11, 12, 11, 13, 14, 13, 15, 16, 18, 17, 19, 20, 18].map((close, index): DailyPrice => {
  const timeOpenUs = (firstDay + index) * DAY_US;
  const timeCloseUs = timeOpenUs + DAY_US - 1000;
  const times = { timestampUs: timeCloseUs, timeOpenUs, timeCloseUs, timeHighUs: null, timeLowUs: null };
  const sizes = { volume: 100, marketCap: null, name: null, sourceFile: null, loadTsUs: null };
  return { ...times, open: close - 0.5, high: close + 1, low: close - 1, close, ...sizes };
});
const { bars: days } = judgePrices(prices, 1);

// null: from the first day on.
const weeks = parseTimeframe('cal_iso', '1W_CAL_ISO');
const { state, closed } = stepBars(weeks, null, columnsOfBars(days, firstDay));
for (const { barSeq, firstDay: from, lastDay: to, open, high, low, close } of closed)
  console.log(
    `bar ${barSeq}: ${formatDay(from)} to ${formatDay(to)} O ${open} H ${high} L ${low} C ${close}`,
  );
console.log(`open bar: ${state?.bar?.countDays ?? 0} days, close ${state?.bar?.close ?? 'none'}`);

// Output:
// bar 1: 2025-06-02 to 2025-06-08 O 10.5 H 16 L 10 C 15
// open bar: 6 days, close 18
