import { findIndicatorWork } from '../../storage/indicators/dimension.js';
import type { Database } from '../../storage/session/database.js';

/**
 * Settles, in the request, whether a run has indicators in it: typed, or with bars and EMAs where the warehouse has any.
 * Without any it is what it was before there were indicators.
 */
export async function settleIndicators(
  database: Database,
  request: { bars: boolean; emas: boolean; indicators?: boolean },
): Promise<void> {
  if (request.indicators !== undefined || !request.bars || !request.emas) return;
  if (await database.read(findIndicatorWork)) request.indicators = true;
}
