/** The active indicators of a warehouse, as one set. */
import { INDICATOR_KINDS } from '../../domain/indicators/index.js';
import { type Indicator, isOfKinds, parseIndicator } from '../../domain/indicators/name.js';
import { createIndicatorSet, type IndicatorSet } from '../../domain/indicators/set.js';
import type { MissingIndicator } from '../../domain/planning/plan-indicators.js';
import { UsageError } from '../../domain/text/errors.js';
import { loadOwnKinds } from '../own-indicators/modules.js';
import type { Tx } from '../session/database.js';
import { readActiveIndicators } from './dimension.js';

/** A set, and what is missing in it. */
export interface ActiveIndicators {
  set: IndicatorSet;
  /** Active indicators that are not in it, because the file that may define them cannot be used. */
  missing: MissingIndicator[];
}

/** Reads dim_indicator. Throws UsageError where it has a name that is none. */
export async function readActiveSet(tx: Tx): Promise<ActiveIndicators> {
  const missing: MissingIndicator[] = [];
  const indicators = (await readActiveIndicators(tx)).flatMap((name) => {
    const found = findIndicator(name);
    if (typeof found !== 'string') return [found];
    missing.push({ name, why: found });
    return [];
  });
  return { set: createIndicatorSet(indicators), missing };
}

/** An indicator, or why a file that may define it cannot be used. Files are not even loaded for barwright's own. */
function findIndicator(name: string): Indicator | string {
  try {
    return isOfKinds(name) ? parseIndicator(name) : findOwnIndicator(name);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`dim_indicator: ${error.message}; "barwright indicator remove" takes a row out`);
  }
}

function findOwnIndicator(name: string): Indicator | string {
  const { kinds, faults } = loadOwnKinds();
  const isUnknown = !isOfKinds(name, kinds);
  if (isUnknown && faults.length > 0) return faults.join('; ');
  return parseIndicator(name, [...INDICATOR_KINDS, ...kinds]);
}

/** The indicator of a name as it was typed. Throws UsageError. */
export function checkIndicator(name: string): Indicator {
  const found = isOfKinds(name) ? parseIndicator(name) : findOwnIndicator(name);
  if (typeof found === 'string') throw new UsageError(`indicator "${name}": ${found}`);
  return found;
}
