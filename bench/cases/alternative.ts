/**
 * What a competent user writes by hand: one stored row per day, timeframe and period, by set-based SQL with an EMA
 * aggregate, incremental by a watermark per series. Measured on a subset and scaled to the same series.
 */

import { TIMEFRAMES } from '../../src/domain/calendar/timeframe.js';
import { PERIODS } from '../../src/domain/emas/period.js';
import type { Finding } from '../support/findings.js';
import { sampleOf, timeMs } from '../support/measure.js';
import { refresh } from '../support/program.js';
import { type BenchServer, settle, withClient } from '../support/server.js';
import { appendDays, createSeeded } from '../support/warehouse.js';

const ASSETS = 20;
const YEARS = 3;
const LENGTHS = [2, 3, 5, 7, 10, 14, 21, 30] as const;
const NEW_DAYS = 4;

const SCHEMA = `
  create schema alt;
  create function alt.ema_step(carry float8, input float8, alpha float8) returns float8
    language sql immutable parallel safe return coalesce(carry + alpha * (input - carry), input);
  create aggregate alt.ema (float8, float8) (sfunc = alt.ema_step, stype = float8);
  create table alt.tf (tf text primary key, days int not null);
  create table alt.period (period int primary key);
  create table alt.ema_daily (id int, tf text, period int, day date, ema float8 not null, roll boolean not null,
    primary key (id, tf, period, day));
  create table alt.state (id int, tf text, period int, day date not null, ema float8 not null,
    primary key (id, tf, period));
  insert into alt.tf select n || 'D', n from unnest(array[${LENGTHS.join(', ')}]) n;
  insert into alt.period select unnest(array[${PERIODS.join(', ')}]);`;

/** From each series' watermark on: the days after it, their EMA from the carried value on, then the new watermark. */
const REFRESH = `
  with fresh as (
    select p.id, t.tf, t.days, q.period, p.timestamp::date as day, p.close, p.bar_seq, s.ema as carry,
      2.0 / (t.days * q.period + 1) as alpha
    from cmc_price_bars_1d p
    cross join alt.tf t cross join alt.period q
    left join alt.state s on s.id = p.id and s.tf = t.tf and s.period = q.period
    where p.timestamp > coalesce(s.day + 1, '-infinity')::timestamptz
  ), inputs as (
    select id, tf, period, null::date as day, carry as input, 1.0::float8 as alpha, false as roll from (
      select distinct id, tf, period, carry from fresh where carry is not null) c
    union all
    select id, tf, period, day, close, alpha, bar_seq % days <> 0 from fresh
  ), stepped as (
    select id, tf, period, day, roll,
      alt.ema(input, alpha) over (partition by id, tf, period order by day nulls first) as ema
    from inputs
  ), written as (
    insert into alt.ema_daily select id, tf, period, day, ema, roll from stepped where day is not null
    on conflict (id, tf, period, day) do update set ema = excluded.ema, roll = excluded.roll
    returning id, tf, period, day, ema
  )
  insert into alt.state
  select distinct on (id, tf, period) id, tf, period, day, ema from written order by id, tf, period, day desc
  on conflict (id, tf, period) do update set day = excluded.day, ema = excluded.ema`;

/** Milliseconds of four new days by the alternative, from what measureAlternative found, for so many assets and all series. */
export function scaleAlternative(findings: readonly Finding[], assets: number): number {
  const subset = findings[0]?.samples?.['alternative (subset)']?.medianMs ?? Number.NaN;
  return (subset * (TIMEFRAMES.length / LENGTHS.length) * assets) / ASSETS;
}

/** `runs` times four new days by the alternative on the subset and by barwright on all series of the same assets. */
export async function measureAlternative(server: BenchServer, runs: number): Promise<Finding[]> {
  const url = server.url('alternative');
  let seeded = await createSeeded(server, 'alternative', { assets: ASSETS, years: YEARS });
  await refresh(url);
  await withClient(url, (client) => client.query(SCHEMA));
  await withClient(url, (client) => client.query(REFRESH));
  await settle(url);
  const [theirs, ours]: [number[], number[]] = [[], []];
  let rows = 0;
  for (let run = 0; run < runs; run += 1) {
    seeded = await appendDays(url, seeded, NEW_DAYS);
    ours.push((await refresh(url)).durationMs);
    await withClient(url, async (client) => {
      const before = await countRows(client);
      theirs.push(await timeMs(() => client.query(REFRESH)));
      rows = (await countRows(client)) - before;
    });
  }
  await server.drop('alternative');
  const expected = ASSETS * LENGTHS.length * PERIODS.length * NEW_DAYS;
  if (rows !== expected) throw new Error(`the alternative wrote ${rows} rows, expected ${expected}`);
  const samples = { 'alternative (subset)': sampleOf(theirs), barwright: sampleOf(ours) };
  const scale = TIMEFRAMES.length / LENGTHS.length;
  return [
    {
      id: 'B2',
      what: 'the alternative, scaled to the same series / barwright',
      goal: { atLeast: 20 },
      value: (samples['alternative (subset)'].medianMs * scale) / samples.barwright.medianMs,
      detail:
        `subset: ${ASSETS} assets × ${YEARS} years, daily EMAs of ${LENGTHS.length} rolling timeframes × ${PERIODS.length} periods ` +
        `(${rows} rows for four days), of ${TIMEFRAMES.length} series with EMAs: scaled by ${scale}; it stores no bars, and reads barwright's 1D bars`,
      samples,
    },
  ];
}

async function countRows(client: {
  query(sql: string): Promise<{ rows: { n?: string }[] }>;
}): Promise<number> {
  const { rows } = await client.query('select count(*) as n from alt.ema_daily');
  return Number(rows[0]?.n);
}
