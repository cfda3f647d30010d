/** What must be true of a warehouse after each operation of a model test. */
import { expect } from 'vitest';
import type { Database } from '../../../src/storage/session/database.js';
import { dumpResults } from '../component-runs.js';
import { verify } from '../verify.js';

/** Series that were taken out of dim_timeframe are there until a run of their family comes by. */
export async function listWrong(
  live: Database,
  ids: readonly number[],
  source: { relation: string | null } | null,
): Promise<unknown[]> {
  const { verdicts } = await verify(live, { ids, source });
  return verdicts.flatMap(({ id, findings, error }) => [
    ...findings
      .filter(({ remark }) => remark !== 'its timeframe is not in dim_timeframe')
      .map((finding) => ({ id, ...finding })),
    ...(error === null ? [] : [error]),
  ]);
}

/** After a whole run nothing of these assets lags, waits or is left over. */
export async function expectComplete(live: Database, ids: readonly number[]): Promise<void> {
  const behind = await live.read((tx) =>
    tx.query(
      `select b.id, 'bars', b.alignment::text, b.tf
       from price_bars_state b join cmc_price_bars_1d_state d on d.id = b.id
       where b.id = any($1) and b.watermark_day <> d.last_day
       union all
       select s.id, 'emas', s.alignment::text, ''
       from ema_asset_state s join cmc_price_bars_1d_state d on d.id = s.id
       where s.id = any($1) and (s.watermark_day <> d.last_day or s.repair_from is not null)
       union all
       select id, 'lag', alignment::text, tf from ema_series_lag where id = any($1)
       union all
       select c.id, 'indicators', c.alignment::text, u.tf
       from indicator_carry c cross join lateral unnest(c.tf, c.taken_day) u (tf, day)
       join cmc_price_bars_1d_state d on d.id = c.id
       where c.id = any($1) and (u.day <> d.last_day or c.repair_from is not null or c.watermark_day is null)
       union all
       select b.id, 'removed', b.alignment::text, b.tf from price_bars_state b
       where b.id = any($1) and (b.alignment, b.tf) not in (select alignment, tf from dim_timeframe)
       union all
       select e.id, 'removed EMAs', e.alignment::text, e.tf from ema_state e
       where e.id = any($1) and (e.alignment, e.tf) not in (select alignment, tf from dim_timeframe)`,
      [ids],
    ),
  );
  expect(behind, 'a whole run leaves nothing behind').toEqual([]);
}

/** Row versions and contents by asset: a row that was written again, even alike, is another. */
export async function readVersions(
  live: Database,
  ids: readonly number[],
): Promise<Map<number, Record<string, string[]>>> {
  const dump = await dumpResults(live, { prefix: `t.ctid::text || ' ' || t.xmin::text || ' '`, ids });
  const idOf = (row: string) => Number(/\((\d+),/.exec(row.slice(row.indexOf(' ')))?.[1]);
  return new Map(
    ids.map((id) => [
      id,
      Object.fromEntries(
        Object.entries(dump).map(([table, rows]) => [table, rows.filter((row) => idOf(row) === id)]),
      ),
    ]),
  );
}

/** The same rows; where asked for, the 1D state by its contents alone. */
export function withoutVersion(rows: Record<string, string[]> | undefined, isAsked: boolean) {
  if (rows === undefined || !isAsked) return rows;
  const states = rows.cmc_price_bars_1d_state ?? [];
  return { ...rows, cmc_price_bars_1d_state: states.map((row) => row.slice(row.lastIndexOf(' (') + 1)) };
}
