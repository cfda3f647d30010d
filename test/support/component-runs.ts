/** Source days in, both components run, tables out as text: what tests of the components are made of. */

import { refreshBars } from '../../src/components/bars/refresh-bars.js';
import { refreshEmas } from '../../src/components/emas/refresh-emas.js';
import { refreshIndicators } from '../../src/components/indicators/refresh-indicators.js';
import type { ComponentOptions } from '../../src/components/writing/refresh-assets.js';
import type { AssetOutcome, ComponentEvent } from '../../src/domain/planning/outcome.js';
import type { BarBuilder } from '../../src/domain/planning/plan.js';
import type { EmaFamily } from '../../src/domain/planning/plan-emas.js';
import type { IndicatorFamily } from '../../src/domain/planning/plan-indicators.js';
import type { DailyPrice } from '../../src/domain/prices/price.js';
import { type CopyColumn, writeRows } from '../../src/storage/copy/copy.js';
import type { Database } from '../../src/storage/session/database.js';

/** Columns of source days, for COPY. */
export const SOURCE_COLUMNS: readonly CopyColumn<{ id: number; price: DailyPrice }>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'name', type: 'text', get: ({ price }) => price.name },
  { name: 'timestamp', type: 'timestamptz', get: ({ price }) => price.timestampUs },
  { name: 'timeopen', type: 'timestamptz', get: ({ price }) => price.timeOpenUs },
  { name: 'timeclose', type: 'timestamptz', get: ({ price }) => price.timeCloseUs },
  { name: 'timehigh', type: 'timestamptz', get: ({ price }) => price.timeHighUs },
  { name: 'timelow', type: 'timestamptz', get: ({ price }) => price.timeLowUs },
  { name: 'open', type: 'float8', get: ({ price }) => price.open },
  { name: 'high', type: 'float8', get: ({ price }) => price.high },
  { name: 'low', type: 'float8', get: ({ price }) => price.low },
  { name: 'close', type: 'float8', get: ({ price }) => price.close },
  { name: 'volume', type: 'float8', get: ({ price }) => price.volume },
  { name: 'marketcap', type: 'float8', get: ({ price }) => price.marketCap },
  { name: 'source_file', type: 'text', get: ({ price }) => price.sourceFile },
];

/** Puts source days of one asset into cmc_price_histories7, or into a table of the same columns. */
export function insertPrices(
  database: Database,
  id: number,
  prices: readonly DailyPrice[],
  { table = 'cmc_price_histories7' }: { table?: string } = {},
): Promise<number> {
  return database.transaction((tx) =>
    writeRows(
      tx,
      { table, columns: SOURCE_COLUMNS },
      prices.map((price) => ({ id, price })),
    ),
  );
}

/** Runs one statement in a transaction of its own. */
export function execute(database: Database, sql: string, params: readonly unknown[] = []): Promise<number> {
  return database.transaction((tx) => tx.execute(sql, params));
}

/** Copies the rows of a table from one database to another, replacing those that are there. */
export async function copyTable(from: Database, to: Database, table: string): Promise<void> {
  const chunks: Buffer[] = [];
  await from.read(async (tx) => {
    const columns = await tx.query<[string]>(
      `select string_agg(attname, ', ' order by attnum) from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      [table],
    );
    for await (const chunk of tx.copyOut(`copy ${table} (${columns[0]?.[0]}) to stdout`)) chunks.push(chunk);
    await to.transaction(async (target) => {
      await target.execute(`delete from ${table}`);
      await target.copyIn(`copy ${table} (${columns[0]?.[0]}) from stdin`, chunks);
    });
  });
}

type RunOptions<Only> = Partial<ComponentOptions<Only>> & Pick<ComponentOptions<Only>, 'ids'>;

const DEFAULTS = { only: null, fullRebuild: false, lease: null, verbose: false, continueOnError: false };

/** Runs the bars component in this process; returns its outcomes by id. */
export function runBars(
  database: Database,
  options: RunOptions<BarBuilder> & {
    source?: string | null;
    acceptDeletions?: boolean;
    acceptProvisional?: boolean;
    asOfUs?: number;
  },
  listen: (event: ComponentEvent) => void = () => {},
): Promise<Map<number, AssetOutcome>> {
  return collect((emit) =>
    refreshBars(database, { ...DEFAULTS, source: null, ...options }, (event) => {
      listen(event);
      emit(event);
    }),
  );
}

/** Runs the EMAs component in this process; returns its outcomes by id. */
export function runEmas(
  database: Database,
  options: RunOptions<EmaFamily>,
): Promise<Map<number, AssetOutcome>> {
  return collect((emit) => refreshEmas(database, { ...DEFAULTS, ...options }, emit));
}

/** Runs the indicators component in this process; returns its outcomes by id. */
export function runIndicators(
  database: Database,
  options: RunOptions<IndicatorFamily>,
  listen: (event: ComponentEvent) => void = () => {},
): Promise<Map<number, AssetOutcome>> {
  return collect((emit) =>
    refreshIndicators(database, { ...DEFAULTS, ...options }, (event) => {
      listen(event);
      emit(event);
    }),
  );
}

async function collect(
  run: (emit: (event: ComponentEvent) => void) => Promise<void>,
): Promise<Map<number, AssetOutcome>> {
  const outcomes = new Map<number, AssetOutcome>();
  await run((event) => {
    if (event.type === 'asset_finished') outcomes.set(event.outcome.id, event.outcome);
  });
  return outcomes;
}

/** Everything that the components store, run bookkeeping aside. */
const RESULT_TABLES: Readonly<Record<string, string>> = {
  cmc_price_bars_1d: 't',
  price_rejects: 't',
  cmc_price_bars_1d_state:
    'row(id, last_src_ts, daily_min_seen, first_day, last_day, bar_seq, src_rows, src_hash, splits)',
  price_bars: 't',
  bar_carry: 't',
  ema_points: 't',
  ema_carry: 't',
  indicator_points: 't',
  indicator_carry: 't',
  series_built: 't',
};

/** All rows of all result tables as text, floats exactly; `prefix` is put before each row ("t.xmin"). */
export async function dumpResults(
  database: Database,
  options: { prefix?: string; ids?: readonly number[] } = {},
): Promise<Record<string, string[]>> {
  const { prefix = `''`, ids = null } = options;
  return database.read(async (tx) => {
    const dump: Record<string, string[]> = {};
    for (const [table, row] of Object.entries(RESULT_TABLES)) {
      const rows = await tx.query<[string]>(
        `select ${prefix} || (${row})::text from ${table} t where $1::int[] is null or id = any($1) order by 1`,
        [ids],
      );
      dump[table] = rows.map(([text]) => text);
    }
    return dump;
  });
}
