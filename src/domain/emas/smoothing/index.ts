/** The moving averages, one number per bar close. The one list: tests and pages run over it. */
import { ema } from './ema.js';
import type { Smoothing } from './smoothing.js';

export { ema } from './ema.js';
export { type Smoothing, smooth } from './smoothing.js';

export const SMOOTHINGS: readonly Smoothing[] = [ema];
