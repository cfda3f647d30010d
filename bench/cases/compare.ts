/** B16: comparing one asset with all EMAs and bars that the replaced system has of it, against a plain COPY of the same rows. */
import { hasBars, TIMEFRAMES, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import { fillTheirBars } from '../../src/domain/origin/bars.js';
import { BAR_CELLS, type Cells, EMA_CELLS, kindOf, makeCells } from '../../src/domain/origin/cells.js';
import { fillTheirEmas } from '../../src/domain/origin/emas.js';
import { type GivenDays, givenDays, theirDailyBars } from '../../src/domain/origin/given.js';
import { readPeriods } from '../../src/storage/assets/dimensions.js';
import type { ColumnType } from '../../src/storage/copy/copy.js';
import { type CopyColumn, writeRows } from '../../src/storage/copy/copy.js';
import { sourceOf } from '../../src/storage/origin/tables.js';
import { openDatabase, type Tx } from '../../src/storage/session/database.js';
import { readPrices } from '../../src/storage/source/prices.js';
import { readSource } from '../../src/storage/source/source.js';
import type { Finding } from '../support/findings.js';
import { sampleOf, timeMs } from '../support/measure.js';
import { refresh, runProgram } from '../support/program.js';
import { type BenchServer, settle } from '../support/server.js';
import { createSeeded } from '../support/warehouse.js';

const NAME = 'b16';
const SCHEMA = 'theirs';
const ID = 1;
const PROGRAM = new URL('../../dist/cli/bin.js', import.meta.url).pathname;
const SQL_TYPES: Readonly<Record<string, ColumnType>> = {
  time: 'timestamptz',
  flag: 'bool',
  day: 'date',
  text: 'text',
};

interface Row {
  tf: string;
  period: number | null;
  place: number;
}

/** Theirs is made by the rules that `compare` has for the tables named cmc_; their making is not measured. */
export async function measureCompare(
  server: BenchServer,
  { years, runs }: { years: number; runs: number },
): Promise<Finding[]> {
  await createSeeded(server, NAME, { assets: 1, years });
  const url = server.url(NAME);
  await refresh(url);
  const database = openDatabase(url, { statementTimeoutMs: 3_600_000 });
  try {
    const tables = await database.transaction(writeTheirs);
    await settle(url);
    const copies: number[] = [];
    const compares: number[] = [];
    let peakMb: number | null = null;
    for (let run = 0; run < runs; run += 1) {
      copies.push(await timeMs(() => database.read((tx) => copyAll(tx, [...tables.keys()]))));
      const args = ['compare', '--origin', SCHEMA, '--ids', String(ID), '--json'];
      const end = await runProgram([PROGRAM, ...args], url);
      compares.push(end.durationMs);
      peakMb = Math.max(peakMb ?? 0, end.peakMb ?? 0);
    }
    const [copy, compare] = [sampleOf(copies), sampleOf(compares)];
    const rows = [...tables.values()].reduce((sum, count) => sum + count, 0);
    return [
      {
        ...{
          id: 'B16',
          what: 'compare / a plain COPY of the rows of theirs, one asset',
          goal: { atMost: 6 },
        },
        value: compare.medianMs / copy.medianMs,
        detail: `${(rows / 1e6).toFixed(1)} million rows in ${(compare.medianMs / 1000).toFixed(0)} s, at most ${Math.round(peakMb ?? 0)} MB`,
        samples: { compare, copy },
      },
    ];
  } finally {
    await database.close();
    await server.drop(NAME);
  }
}

async function copyAll(tx: Tx, tables: readonly string[]): Promise<void> {
  for (const table of tables)
    for await (const _chunk of tx.copyOut(`copy ${SCHEMA}.${table} to stdout (format binary)`));
}

/** Returns how many rows each table has. */
async function writeTheirs(tx: Tx): Promise<Map<string, number>> {
  const prices =
    (await readPrices(tx, await readSource(tx, null), { ids: [ID], isFromStart: true })).get(ID) ?? [];
  const given = givenDays(prices, Number.POSITIVE_INFINITY);
  const periods = await readPeriods(tx);
  await tx.execute(`create schema ${SCHEMA}`);
  const counts = new Map<string, number>();
  for (const kind of ['bars', 'emas'] as const)
    for (const timeframe of TIMEFRAMES) {
      if (kind === 'bars' && !hasBars(timeframe)) continue;
      const name = `cmc_${kind === 'bars' ? 'price_bars' : 'ema'}_${sourceOf(timeframe.alignment)}`;
      const columns = Object.keys(kind === 'bars' ? BAR_CELLS : EMA_CELLS);
      if (!counts.has(name)) await createTable(tx, name, { columns, kind });
      const rows = await writeSeries(tx, name, { columns, kind, timeframe, given, periods });
      counts.set(name, (counts.get(name) ?? 0) + rows);
    }
  return counts;
}

function typeOf(column: string): ColumnType {
  return SQL_TYPES[kindOf(column)] ?? 'float8';
}

async function createTable(
  tx: Tx,
  name: string,
  { columns, kind }: { columns: readonly string[]; kind: 'bars' | 'emas' },
): Promise<void> {
  const list = columns.map((column) => `${column} ${typeOf(column)}`).join(', ');
  const key = kind === 'bars' ? 'id, tf, bar_seq, time_close' : 'id, tf, ts, period';
  await tx.execute(`create table ${SCHEMA}.${name} (id int, tf text, period int, ${list})`);
  await tx.execute(`create unique index on ${SCHEMA}.${name} (${key})`);
}

async function writeSeries(
  tx: Tx,
  name: string,
  {
    columns,
    kind,
    timeframe,
    given,
    periods,
  }: {
    columns: readonly string[];
    kind: 'bars' | 'emas';
    timeframe: Timeframe;
    given: GivenDays;
    periods: readonly number[];
  },
): Promise<number> {
  const firstDay = given.day[0] as number;
  const grid = { firstDay, length: (given.day[given.length - 1] as number) - firstDay + 1 };
  const cells = makeCells(columns, grid.length * (kind === 'emas' ? periods.length : 1));
  const bars = timeframe.alignment === 'v2' ? theirDailyBars(given, 'cmc') : given;
  if (kind === 'emas')
    fillTheirEmas(cells, grid, { timeframe, periods, revision: 'cmc', days: { grid: bars, bars: given } });
  else if (hasBars(timeframe)) fillTheirBars(cells, grid, { timeframe, revision: 'cmc', days: given });
  const rows = Array.from(cells.present.keys()).flatMap((place): Row[] =>
    cells.present[place] === 1
      ? [
          {
            tf: timeframe.tf,
            period: kind === 'emas' ? (periods[Math.floor(place / grid.length)] ?? null) : null,
            place,
          },
        ]
      : [],
  );
  return writeRows(tx, { table: `${SCHEMA}.${name}`, columns: copyColumns(columns, cells) }, rows);
}

function copyColumns(columns: readonly string[], cells: Cells): CopyColumn<Row>[] {
  return [
    { name: 'id', type: 'int4', get: () => ID },
    { name: 'tf', type: 'text', get: ({ tf }) => tf },
    { name: 'period', type: 'int4', get: ({ period }) => period },
    ...columns.map((name): CopyColumn<Row> => {
      const [type, column] = [typeOf(name), cells.columns[name] as Float64Array];
      return {
        ...{ name, type },
        get: ({ place }) => {
          const value = column[place] as number;
          if (Number.isNaN(value)) return null;
          if (type === 'bool') return value === 1;
          return type === 'text' ? 'interior' : value;
        },
      };
    }),
  ];
}
