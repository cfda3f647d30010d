/** When the same failure, not in the data, meets more and more assets, continuing would only make more of it. */
import type { AssetOutcome } from './outcome.js';

/** So many assets may fail by the same cause in a component, however few it has; and so large a part of it. */
const MOST_ASSETS = 10;
const LARGEST_SHARE = 0.5;

/** Too many assets have failed by one cause. */
export interface Tripped {
  cause: string;
  assets: number;
}

/** A component's circuit breaker: takes outcomes as they come, and gives the cause once it has met too many assets. */
export type Breaker = (outcome: AssetOutcome) => Tripped | null;

/** A breaker for a component that works on so many assets. */
export function startBreaker(assets: number): Breaker {
  const met = new Map<string, number>();
  return ({ fault }) => {
    if (fault === undefined || fault.isData) return null;
    const count = (met.get(fault.cause) ?? 0) + 1;
    met.set(fault.cause, count);
    return count > MOST_ASSETS && count > assets * LARGEST_SHARE
      ? { cause: fault.cause, assets: count }
      : null;
  };
}
