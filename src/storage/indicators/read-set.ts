/** The active indicators of a warehouse, as one set. */
import { parseIndicator } from '../../domain/indicators/name.js';
import { createIndicatorSet, type IndicatorSet } from '../../domain/indicators/set.js';
import { UsageError } from '../../domain/text/errors.js';
import type { Tx } from '../session/database.js';
import { readActiveIndicators } from './dimension.js';

/** Reads dim_indicator. Throws UsageError where it has a name that is none. */
export async function readIndicatorSet(tx: Tx): Promise<IndicatorSet> {
  const names = await readActiveIndicators(tx);
  try {
    return createIndicatorSet(names.map((name) => parseIndicator(name)));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`dim_indicator: ${error.message}; "barwright indicator remove" takes a row out`);
  }
}
