/** The pure domain, exported as `barwright/domain`: typed values in, typed values out; no clock, no database. */
export * from './bar.js';
export * from './day.js';
export * from './days.js';
export * from './ema-daily.js';
export * from './ema-series.js';
export * from './errors.js';
export * from './families/index.js';
export * from './freshness.js';
export * from './ids.js';
export * from './outcome.js';
export * from './period.js';
export * from './plan.js';
export * from './plan-emas.js';
export * from './price.js';
export * from './smoothing/index.js';
export * from './source/span.js';
export { effectiveSplits, formatSplits, type Split } from './split.js';
export * from './timeframe.js';
