/** The reference tables: which timeframes and periods exist. */
import { type Alignment, parseTimeframe, type Timeframe } from '../../domain/calendar/timeframe.js';
import type { Tx } from '../session/database.js';

/** Every timeframe of dim_timeframe, by alignment, shortest first. */
export async function readTimeframes(tx: Tx): Promise<Timeframe[]> {
  const rows = await tx.query<[Alignment, string]>(
    'select alignment::text, tf from dim_timeframe order by dim_timeframe.alignment, tf_days, tf',
  );
  return rows.map(([alignment, tf]) => parseTimeframe(alignment, tf));
}

/** Every period of dim_period, ascending. */
export async function readPeriods(tx: Tx): Promise<number[]> {
  const rows = await tx.query<[number]>('select period from dim_period order by period');
  return rows.map(([period]) => period);
}
