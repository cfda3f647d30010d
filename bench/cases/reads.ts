/** B7: what people read, from views and functions, against the same rows in a plain table with the same key. */
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Finding } from '../support/findings.js';
import { medianOf, timeMs } from '../support/measure.js';
import { type BenchServer, withClient } from '../support/server.js';
import { LARGE } from './news.js';

const ROUNDS = 11;

interface Read {
  what: string;
  sql: string;
  /** Of the plain table. */
  key: string;
  /** Picks the same rows from the plain table. */
  where: string;
  goal: Finding['goal'];
}

const SERIES_GOAL = { atMost: 4 };
const NATURAL_GOAL = { atMost: 5 };
const LATEST_GOAL = { atMost: 1.5 };
const EMA_KEY = 'id, tf, period, ts';
/** Stands for the day 90 days before the newest one. */
const FROM_DAY = ':from_day';
const ONE = "id = 7 and tf = '7D'";

const READS: readonly Read[] = [
  {
    what: 'one EMA series (view)',
    sql: `select * from cmc_ema_multi_tf where ${ONE} and period = 21`,
    key: EMA_KEY,
    where: `${ONE} and period = 21`,
    goal: SERIES_GOAL,
  },
  {
    what: 'one EMA series (function)',
    sql: "select * from ema_series(7, '7D', 21)",
    key: EMA_KEY,
    where: `${ONE} and period = 21`,
    goal: SERIES_GOAL,
  },
  {
    what: 'one bar series (view)',
    sql: `select * from cmc_price_bars_multi_tf where ${ONE}`,
    key: 'id, tf, time_close',
    where: ONE,
    goal: SERIES_GOAL,
  },
  {
    what: 'one EMA series, the asset by a subquery',
    sql: `select * from cmc_ema_multi_tf where id in (select id from dim_assets where id = 7) and tf = '7D' and period = 21`,
    key: EMA_KEY,
    where: `${ONE} and period = 21`,
    goal: NATURAL_GOAL,
  },
  {
    what: 'one EMA of all assets, the last 90 days',
    sql: `select * from emas_between(${FROM_DAY}) where tf = '7D' and period = 21 and alignment_source = 'multi_tf'`,
    key: EMA_KEY,
    where: 'true',
    goal: NATURAL_GOAL,
  },
  {
    what: 'one bar series of all assets, the last 90 days',
    sql: `select * from bars_between(${FROM_DAY}) where tf = '7D' and alignment = 'multi_tf'`,
    key: 'id, tf, time_close',
    where: 'true',
    goal: NATURAL_GOAL,
  },
  {
    what: 'all EMAs of one asset, the last 90 days',
    sql: `select * from emas_between(${FROM_DAY}) where id = 7`,
    key: 'id, alignment_source, tf, period, ts',
    where: 'true',
    goal: NATURAL_GOAL,
  },
  {
    what: 'one asset, EMAs of period 21 of every rolling timeframe',
    sql: 'select * from cmc_ema_multi_tf where id = 7 and period = 21',
    key: EMA_KEY,
    where: 'id = 7 and period = 21',
    goal: null,
  },
  {
    what: 'latest bars of all assets',
    sql: 'select * from bars_latest',
    key: 'id, alignment, tf',
    where: 'true',
    goal: LATEST_GOAL,
  },
  {
    what: 'latest EMAs of all assets',
    sql: 'select * from ema_latest',
    key: 'id, alignment, tf, period',
    where: 'true',
    goal: LATEST_GOAL,
  },
];

/** Needs the database that measureNews leaves. */
export async function measureReads(server: BenchServer): Promise<Finding[]> {
  const findings: Finding[] = [];
  await withClient(server.url(LARGE), async (client) => {
    const { rows } = await client.query<{ day: string }>(
      'select (max(watermark_day) - 90)::text as day from bars_latest',
    );
    const day = `'${rows[0]?.day ?? ''}'`;
    for (const read of READS)
      findings.push(await measureRead(client, { ...read, sql: read.sql.replace(FROM_DAY, day) }));
  });
  return findings;
}

async function measureRead(client: pg.Client, { what, sql, key, where, goal }: Read): Promise<Finding> {
  await client.query('drop table if exists plain');
  await client.query(`create temp table plain as ${sql}`);
  await client.query(`alter table plain add primary key (${key})`);
  await client.query('analyze plain');
  const { rows } = await client.query<{ n: string }>('select count(*) as n from plain');
  const [ours, plain]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await readMs(client, sql));
    plain.push(await readMs(client, `select * from plain where ${where}`));
  }
  return {
    id: 'B7',
    what: `${what} / plain table`,
    goal,
    value: medianOf(ours) / medianOf(plain),
    detail: `${rows[0]?.n} rows in ${medianOf(ours).toFixed(1)} ms, plain ${medianOf(plain).toFixed(1)} ms`,
  };
}

/** All rows to the client, as bytes: neither side is to pay for how a driver decodes. */
function readMs(client: pg.Client, sql: string): Promise<number> {
  return timeMs(() =>
    pipeline(
      client.query(copyTo(`copy (${sql}) to stdout (format binary)`)),
      new Writable({ write: (_chunk, _encoding, done) => done() }),
    ),
  );
}
