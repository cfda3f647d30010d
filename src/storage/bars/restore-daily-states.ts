/** Writing 1D states that were lost or damaged. */
import type { Day } from '../../domain/calendar/day.js';
import type { DailyState } from '../../domain/prices/daily-state.js';
import { numberOfHash } from '../../domain/source/fingerprint.js';
import { formOf } from '../prices/fingerprint.js';
import type { Tx } from '../session/database.js';

/** Inserts a 1D state or changes its facts; what it says of runs stays, or is empty. Returns the rows written. */
export function upsertDailyFacts(tx: Tx, id: number, state: DailyState): Promise<number> {
  return tx.execute(
    `insert into cmc_price_bars_1d_state (id, last_src_ts, daily_min_seen, first_day, last_day, bar_seq, src_rows, src_hash,
       source, splits, rules, src_form)
     values ($1, to_timestamp(0) + $2::bigint * interval '1 microsecond',
       to_timestamp(0) + $3::bigint * interval '1 microsecond', date '1970-01-01' + $4::int,
       date '1970-01-01' + $5::int, $6, $7, $8::bigint, $9, $10, $11, $12)
     on conflict (id) do update set (last_src_ts, daily_min_seen, first_day, last_day, bar_seq, src_rows, src_hash,
         source, splits, rules, src_form)
       = (excluded.last_src_ts, excluded.daily_min_seen, excluded.first_day, excluded.last_day, excluded.bar_seq,
          excluded.src_rows, excluded.src_hash, excluded.source, excluded.splits, excluded.rules,
          excluded.src_form)`,
    [
      id,
      state.lastSrcUs,
      state.dailyMinSeenUs,
      state.firstDay,
      state.lastDay,
      state.barSeq,
      state.srcRows,
      numberOfHash(state.srcHash),
      state.source,
      state.splits,
      state.rules,
      formOf(state.srcHash),
    ],
  );
}

/** Files a note of change about all days of an asset, so that the next run compares everything. */
export function writeNote(
  tx: Tx,
  id: number,
  { fromDay, toDay, rows }: { fromDay: Day; toDay: Day; rows: number },
): Promise<number> {
  return tx.execute(
    `insert into price_change (id, from_day, to_day, op, rows)
     values ($1, date '1970-01-01' + $2::int, date '1970-01-01' + $3::int, 'U', $4)`,
    [id, fromDay, toDay, rows],
  );
}
