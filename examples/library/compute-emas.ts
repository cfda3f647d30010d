// EMAs of a list of closes, without a database
//
// An EMA begins with the mean of its first inputs. Before that it is NaN.
import { ema, smooth } from '../../src/domain/index.js';

const closes = Float64Array.from([10, 11, 12, 11, 13, 14, 13, 15, 16, 18]);
const fast = smooth(ema, closes, 3);
const slow = smooth(ema, closes, 5);

for (const [index, close] of closes.entries()) {
  const values = [fast, slow].map((series) => series[index]?.toFixed(4).padStart(8));
  console.log(`${close} ${values.join(' ')}`);
}

// Output:
// 10      NaN      NaN
// 11      NaN      NaN
// 12  11.0000      NaN
// 11  11.0000      NaN
// 13  12.0000  11.4000
// 14  13.0000  12.2667
// 13  13.0000  12.5111
// 15  14.0000  13.3407
// 16  15.0000  14.2272
// 18  16.5000  15.4848
