/**
 * How long one series takes, from the views and functions, beside the same rows in a plain table with the same key.
 *
 *   node --import ./test/support/run-typescript.mjs bench/views.ts [URL] [ID]
 *
 * URL: else TARGET_DB_URL; a warehouse with the bars and EMAs of asset ID (1) built. Prints the median of eleven runs of
 * each query, in milliseconds. Nothing is asserted: the figures belong to a machine.
 */
import { openDatabase, type Tx } from '../src/storage/session/database.js';

const RUNS = 11;

const QUERIES: readonly (readonly [name: string, sql: (id: number) => string])[] = [
  ['bars 2D', (id) => `select * from cmc_price_bars_multi_tf where id = ${id} and tf = '2D'`],
  [
    'bars 1W_CAL_ISO',
    (id) => `select * from cmc_price_bars_multi_tf_cal_iso where id = ${id} and tf = '1W_CAL_ISO'`,
  ],
  ['bar_series 7D', (id) => `select * from bar_series(${id}, '7D', null, null)`],
  ['emas 7D 21', (id) => `select * from cmc_ema_multi_tf where id = ${id} and tf = '7D' and period = 21`],
  ['emas 1D 21', (id) => `select * from cmc_ema_multi_tf where id = ${id} and tf = '1D' and period = 21`],
  [
    'emas v2 7D 21',
    (id) => `select * from cmc_ema_multi_tf_v2 where id = ${id} and tf = '7D' and period = 21`,
  ],
  [
    'emas _u 7D 21',
    (id) =>
      `select * from cmc_ema_multi_tf_u where id = ${id} and tf = '7D' and period = 21 and alignment_source = 'multi_tf'`,
  ],
  ['bars_latest', (id) => `select * from bars_latest where id = ${id}`],
  ['ema_latest', (id) => `select * from ema_latest where id = ${id}`],
];

async function medianMs(tx: Tx, sql: string): Promise<number> {
  const timesMs: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const startedMs = performance.now();
    await tx.query(sql);
    timesMs.push(performance.now() - startedMs);
  }
  return timesMs.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN;
}

const url = process.argv[2] ?? process.env.TARGET_DB_URL;
if (url === undefined) throw new Error('a database URL was expected as first argument or in TARGET_DB_URL');
const id = Number(process.argv[3] ?? 1);
const database = openDatabase(url);
try {
  await database.transaction(async (tx) => {
    console.log('query              rows    view ms   plain table ms');
    for (const [name, sql] of QUERIES) {
      await tx.execute('drop table if exists plain');
      await tx.execute(`create temp table plain on commit drop as ${sql(id)}`);
      const [[rows = 0] = []] = await tx.query<[number]>('select count(*) from plain');
      const viewMs = await medianMs(tx, sql(id));
      const plainMs = await medianMs(tx, 'select * from plain');
      console.log(
        `${name.padEnd(16)} ${String(rows).padStart(6)} ${viewMs.toFixed(1).padStart(10)} ${plainMs.toFixed(1).padStart(16)}`,
      );
    }
  });
} finally {
  await database.close();
}
