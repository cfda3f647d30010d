/** Bars from daily prices, without a database. With the package installed: from 'barwright/domain'. */
import {
  columnsOfBars,
  DAY_US,
  type DailyPrice,
  formatDay,
  judgePrices,
  parseDay,
  parseTimeframe,
  stepBars,
} from '../src/domain/index.js';

const firstDay = parseDay('2025-06-01');
const closes = [10, 11, 12, 11, 13, 14, 13, 15, 16, 18, 17, 19, 20, 18];

const prices = closes.map((close, index): DailyPrice => {
  const timeOpenUs = (firstDay + index) * DAY_US;
  const timeCloseUs = timeOpenUs + DAY_US - 1000;
  const times = {
    timestampUs: timeCloseUs,
    timeOpenUs,
    timeCloseUs,
    timeHighUs: timeCloseUs,
    timeLowUs: timeOpenUs,
  };
  const sizes = { volume: 100, marketCap: null, name: null, sourceFile: null, loadTsUs: null };
  return { ...times, open: close - 0.5, high: close + 1, low: close - 1, close, ...sizes };
});

// Prices are judged first: what is accepted is numbered from 1 on, the rest is in `rejects` with its reason.
const { bars: days } = judgePrices(prices, 1);
const timeframe = parseTimeframe('cal_iso', '1W_CAL_ISO');

// null: from the first day on. The state that comes back continues with the days after these.
const { state, closed } = stepBars(timeframe, null, columnsOfBars(days, firstDay));

for (const { barSeq, firstDay: from, lastDay: to, open, high, low, close } of closed) {
  console.log(
    `closed bar ${barSeq}: ${formatDay(from)} to ${formatDay(to)} O ${open} H ${high} L ${low} C ${close}`,
  );
}
console.log(`open bar: ${state?.bar?.countDays ?? 0} days, close ${state?.bar?.close ?? 'none'}`);
