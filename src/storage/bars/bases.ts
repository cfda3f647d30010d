/** Bases of bars: the states of some days ago, from which a change of later days is computed (decision 115). */
import type { Day } from '../../domain/calendar/day.js';
import type { SourceBase } from '../../domain/source/extent.js';
import { idList } from '../copy/copy.js';
import { DAILY_FACTS } from '../prices/daily-bases.js';
import { fortnightOf, hashOf, setAll, slotOf } from '../series/bases.js';
import type { Tx } from '../session/database.js';
import { BAR_CARRY_COLUMNS, type BarCarry, readCarriesFrom } from './bar-states.js';

/** Rows that were written of each table, by asset. */
export interface RenewedBases {
  daily_base: { id: number }[];
  bar_base: { id: number }[];
}

/**
 * Takes the states of these assets as bases where the fortnight has none yet, before an append moves them: the day that is
 * appended, and those after it, can then be restated. An asset of which a series lags has no base.
 */
export async function writeBarBases(tx: Tx, ids: readonly number[]): Promise<RenewedBases> {
  const facts = DAILY_FACTS.join(', ');
  const ofFacts = (row: string) => DAILY_FACTS.map((name) => `${row}.${name}`).join(', ');
  const series = BAR_CARRY_COLUMNS;
  const rows = await tx.query<[keyof RenewedBases, number]>(
    `with due as (
       select ${slotOf('s', 'last_day')} as slot, ${ofFacts('s')}
       from cmc_price_bars_1d_state s
       where s.id = any($1) and s.src_form = 2 and s.first_day is not null and s.last_src_ts is not null
         and s.daily_min_seen is not null
         and not exists (select from daily_base b where b.id = s.id and b.slot = ${slotOf('s', 'last_day')}
           and ${fortnightOf('b', 'last_day')} = ${fortnightOf('s', 'last_day')})
         and not exists (select from bar_carry c where c.id = s.id
           and (c.oldest_day <> s.last_day or c.newest_day <> s.last_day))),
     days as (
       insert into daily_base as b (slot, hash, ${facts}) select d.slot, ${hashOf('d', DAILY_FACTS)}, ${ofFacts('d')} from due d
       on conflict (id, slot) do update set ${setAll(DAILY_FACTS)} returning b.id),
     series as (
       insert into bar_base as b (slot, hash, ${series.join(', ')})
       select d.slot, ${hashOf('c', series)}, ${series.map((name) => `c.${name}`).join(', ')}
       from due d join bar_carry c on c.id = d.id
       on conflict (id, alignment, slot) do update set ${setAll(series)} returning b.id)
     select 'daily_base', id from days union all select 'bar_base', id from series`,
    [ids],
  );
  const of = (table: keyof RenewedBases) => rows.flatMap(([name, id]) => (name === table ? [{ id }] : []));
  return { daily_base: of('daily_base'), bar_base: of('bar_base') };
}

/** The rows of these bases that are not damaged and of the base's day, by alignmentKey. */
export function readBarBases(
  tx: Tx,
  bases: readonly { id: number; base: SourceBase }[],
): Promise<Map<string, BarCarry>> {
  if (bases.length === 0) return Promise.resolve(new Map());
  const ids = idList(bases.map(({ id }) => id));
  const slots = idList(bases.map(({ base }) => base.slot));
  const days = idList(bases.map(({ base }) => base.lastDay));
  return readCarriesFrom(
    tx,
    `unnest(${ids}, ${slots}, ${days}) w (id, slot, day)
     cross join lateral (select * from bar_base b where b.id = w.id and b.slot = w.slot
       and b.oldest_day = date '1970-01-01' + w.day and b.newest_day = b.oldest_day
       and b.hash = ${hashOf('b', BAR_CARRY_COLUMNS)} offset 0) c`,
  );
}

/** Deletes the bases of these assets that are newer than a day; all of them where it is null. */
export async function deleteBarBases(
  tx: Tx,
  assets: readonly { id: number; afterDay: Day | null }[],
): Promise<void> {
  if (assets.length === 0) return;
  await tx.execute(
    `with gone as (
       delete from daily_base b using unnest($1::int[], $2::int[]) w (id, day)
       where b.id = w.id and (w.day is null or b.last_day > date '1970-01-01' + w.day) returning b.id, b.slot)
     delete from bar_base b using gone g where b.id = g.id and b.slot = g.slot`,
    [assets.map(({ id }) => id), assets.map(({ afterDay }) => afterDay)],
  );
}
