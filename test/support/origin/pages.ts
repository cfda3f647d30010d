/** What docs/tasks/migrate.md and docs/reference/origin.md say, to be walked: code, and queries on both. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pg from 'pg';
import { expect } from 'vitest';
import type { Warehouse } from '../warehouse.js';
import type { OriginPlace } from './warehouse.js';

export const MIGRATING_TEXT: string = ['tasks/migrate.md', 'reference/origin.md']
  .map((page) => readFileSync(resolve(import.meta.dirname, '../../../docs', page), 'utf8'))
  .join('\n');

/** Code of the fenced blocks of a section. */
export function codeOf(section: string, language: string): string {
  const text = MIGRATING_TEXT.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))]
    .map(([, code]) => code)
    .join('\n');
}

function queriesOf(section: string): [name: string, query: string][] {
  return codeOf(section, 'sql')
    .split(';')
    .map((query) => query.trim())
    .filter((query) => query !== '')
    .map((query) => [query.split('\n')[0]?.replace('-- ', '') ?? '', query]);
}

/** Queries that have the same answers on both. */
export const SAME_QUERIES = queriesOf('The same queries on both');

/** Queries of theirs that change, each with ours. */
export const CHANGED_QUERIES: [name: string, theirs: string, ours: string][] = queriesOf(
  'Queries that change',
).flatMap(([name, theirs], index, all) =>
  index % 2 === 0 ? [[name, theirs, all[index + 1]?.[1] ?? ''] as [string, string, string]] : [],
);

/** Tables of theirs that are not made from the rules of bars and EMAs. */
export async function createOtherTables(
  { execute }: Warehouse,
  { schema, source }: OriginPlace,
): Promise<void> {
  await execute(`create table ${schema}.cmc_price_bars_1d_state as
    select id, max(timestamp) as last_src_ts from ${source} group by id`);
  await execute(`update ${schema}.cmc_ema_multi_tf set ingested_at = now() where ingested_at is null`);
  await execute(`create table ${schema}.cmc_ema_multi_tf_u as
    select id, tf, ts, period, ema, 'multi_tf'::text as alignment_source from ${schema}.cmc_ema_multi_tf
    union all select id, tf, ts, period, ema, 'multi_tf_v2' from ${schema}.cmc_ema_multi_tf_v2`);
  await execute(`create table ${schema}.dim_timeframe (tf text primary key, base_unit text, tf_qty int,
    tf_days_nominal int, alignment_type text, calendar_anchor text, roll_policy text, calendar_scheme text,
    allow_partial_start boolean, allow_partial_end boolean, tf_days_min int, tf_days_max int, sort_order int,
    has_roll_flag boolean default true, is_intraday boolean default false, is_canonical boolean default true)`);
  await execute(`insert into ${schema}.dim_timeframe values ${THEIR_TIMEFRAMES.join(', ')}`);
  await execute(`create table ${schema}.ema_alpha_lookup as
    select tf, period, tf_days_nominal, 2.0::float8 / (period + 1) as alpha_bar,
      2.0::float8 / (period * tf_days_nominal + 1) as alpha_ema_dailyspace,
      1 - power(1 - 2.0::float8 / (period + 1), 1.0::float8 / tf_days_nominal) as alpha_bar_preview_daily
    from ${schema}.dim_timeframe cross join unnest(array[6, 21]) period`);
  await execute(`create view ${schema}.all_emas as
    select id, ts, tf, tf_days, period, ema, d1_roll as d1, d2_roll as d2, d1 as d1_close, d2 as d2_close, roll
    from ${schema}.cmc_ema_multi_tf`);
  await execute(`create view ${schema}.cmc_price_with_emas as
    select p.id, p.timeclose as bar_ts, p.close, p.volume, p.marketcap, e.tf, e.tf_days, e.ts as ema_ts, e.period, e.ema
    from ${source} p left join ${schema}.all_emas e on e.id = p.id and e.ts = p.timeclose`);
}

const ROLLING = `'multiple_of_tf', null, false, false`;
/** As their table has them; orders of ours. */
const THEIR_TIMEFRAMES = [
  `('1D', 'D', 1, 1, 'tf_day', null, ${ROLLING}, 1, 1, 1)`,
  `('2D', 'D', 2, 2, 'tf_day', null, ${ROLLING}, 2, 2, 2)`,
  `('3D', 'D', 3, 3, 'tf_day', null, ${ROLLING}, 3, 3, 3)`,
  `('4D', 'D', 4, 4, 'tf_day', null, ${ROLLING}, 4, 4, 4)`,
  `('5D', 'D', 5, 5, 'tf_day', null, ${ROLLING}, 5, 5, 5)`,
  `('7D', 'D', 7, 7, 'tf_day', null, ${ROLLING}, 7, 7, 7)`,
  `('1W_CAL_US', 'W', 1, 7, 'calendar', 'WEEK_END', 'calendar_anchor', 'US', false, false, 7, 7, 100001)`,
  `('1W_CAL_ISO', 'W', 1, 7, 'calendar', 'ISO-WEEK', 'calendar_anchor', 'ISO', false, false, 7, 7, 110001)`,
  `('2W_CAL_ANCHOR_US', 'W', 2, 14, 'calendar', 'WEEK_END', 'calendar_anchor', 'US', true, true, 1, 14, 150002)`,
  `('1M_CAL', 'M', 1, 30, 'calendar', 'EOM', 'calendar_anchor', null, false, false, 28, 31, 200001)`,
  `('3M_CAL', 'M', 3, 90, 'calendar', 'EOQ', 'calendar_anchor', null, false, false, 89, 92, 200003)`,
  `('1Y_CAL', 'Y', 1, 365, 'calendar', 'EOY', 'calendar_anchor', null, false, false, 365, 366, 300001)`,
];

/** Asks a query of theirs in their schema and one of ours in ours; expects the same rows, numbers but for their rounding. */
export async function expectSameAnswers(
  warehouse: Warehouse,
  schemas: { theirs: string; ours: string },
  [ofTheirs, ofOurs]: readonly [string, string],
): Promise<void> {
  const theirs = await ask(warehouse, schemas.theirs, ofTheirs);
  const ours = await ask(warehouse, schemas.ours, ofOurs);
  expect(theirs.length).toBeGreaterThan(0);
  expect(ours).toHaveLength(theirs.length);
  for (const [index, row] of theirs.entries())
    for (const [column, value] of Object.entries(row)) expectSame(ours[index]?.[column], value);
}

/** Rows as any client would get them. */
export async function ask(
  warehouse: Warehouse,
  searchPath: string,
  query: string,
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: warehouse.url, query_timeout: 60_000 });
  await client.connect();
  try {
    await client.query(`set search_path = ${searchPath}; set jit = off; set timezone = 'UTC'`);
    return (await client.query<Record<string, unknown>>(query)).rows;
  } finally {
    await client.end();
  }
}

function expectSame(ours: unknown, theirs: unknown): void {
  if (typeof theirs !== 'number') expect(ours).toEqual(theirs);
  else expect(Math.abs(Number(ours) - theirs)).toBeLessThanOrEqual(1e-10 * Math.max(1000, Math.abs(theirs)));
}
