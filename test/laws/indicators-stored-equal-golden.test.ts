/** Stored indicators of real BTC days against golden values: the last days come one by one, on every server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INDICATOR_KINDS } from '../../src/domain/indicators/index.js';
import { usualNameOf } from '../../src/domain/indicators/name.js';
import type { DailyPrice } from '../../src/domain/prices/price.js';
import { execute, insertPrices, runBars, runIndicators } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { sharedFile } from '../support/shared.js';
import { readCsv, readPriceCsv } from '../support/shared-data.js';
import { tally } from '../support/tally.js';

const PRICES = sharedFile('data/btcusd.csv');
const SUMS = sharedFile('golden/btc-indicators/sums.csv');
const SERIES = sharedFile('golden/btc-indicators/series.csv');
const NAMES = [...INDICATOR_KINDS.map(usualNameOf), 'sma_50', 'sma_200'];
/** Days at the end of the history that are taken in one by one. */
const SINGLE_DAYS = 8;
const LIMIT_MS = 300_000;

function deviationOf(expected: string | undefined, found: number | undefined): number {
  const value = Number(expected);
  return found === value ? 0 : Math.abs((found ?? Number.NaN) - value) / Math.abs(value);
}

const keyOf = ({ alignment, tf, name }: Record<string, string>) => `${alignment} ${tf} ${name}`;

describe.runIf(PRICES !== null && SUMS !== null && SERIES !== null).each(SERVERS)(
  'on $server',
  ({ options }) => {
    let warehouse: TestDatabase;

    async function takeIn(prices: readonly DailyPrice[]): Promise<void> {
      await insertPrices(warehouse.database, 1, prices);
      expect((await runBars(warehouse.database, { ids: [1] })).get(1)).toMatchObject({ status: 'ok' });
      const outcome = (await runIndicators(warehouse.database, { ids: [1] })).get(1);
      expect(outcome).toMatchObject({ status: 'ok' });
      expect(outcome?.rowsWritten).toBe(outcome?.rowsNeeded);
    }

    beforeAll(async () => {
      warehouse = await createTestDatabase(options);
      await execute(warehouse.database, 'insert into dim_indicator select unnest($1::text[])', [NAMES]);
      const prices = readPriceCsv(PRICES ?? '');
      await takeIn(prices.slice(0, -SINGLE_DAYS));
      for (const price of prices.slice(-SINGLE_DAYS)) await takeIn([price]);
    }, LIMIT_MS);
    afterAll(async () => {
      await warehouse?.drop();
    });

    test('extent, sum and last value of every series equal sums.csv', async () => {
      const rows = await warehouse.database.read((tx) =>
        tx.query<[string, string, string, number[]]>(
          `select alignment::text, tf, name, array_agg(value order by day) from indicators group by 1, 2, 3`,
        ),
      );
      const stored = new Map(
        rows.map(([alignment, tf, name, values]) => [`${alignment} ${tf} ${name}`, values]),
      );
      const golden = readCsv(SUMS ?? '');
      const mismatches = golden.flatMap((row) => {
        const values = stored.get(keyOf(row)) ?? [];
        const sum = values.reduce((total, value) => total + value, 0);
        const deviation = Math.max(deviationOf(row.sum, sum), deviationOf(row.last, values.at(-1)));
        const isSame = values.length === Number(row.count) && deviation <= 1e-9;
        return isSame ? [] : [`${keyOf(row)}: ${values.length} values, ${deviation}`];
      });
      expect(mismatches.slice(0, 10)).toEqual([]);
      tally('values', 2 * golden.length);
      expect(golden.length).toBeGreaterThan(2500);
    });

    test('every value of series.csv is there, on its day', async () => {
      const rows = await warehouse.database.read((tx) =>
        tx.query<[string, string, string, string, number]>(
          `select alignment::text, tf, name, day::text, value from indicators
           where id = 1 and tf in ('7D', '1W_CAL_ISO', '1M_CAL')`,
        ),
      );
      const stored = new Map(
        rows.map(([alignment, tf, name, day, value]) => [`${alignment} ${tf} ${name} ${day}`, value]),
      );
      const golden = readCsv(SERIES ?? '');
      const mismatches = golden.flatMap((row) => {
        const deviation = deviationOf(row.value, stored.get(`${keyOf(row)} ${row.day}`));
        const most = row.name?.startsWith('cci') ? 1e-9 : 1e-11;
        return deviation <= most ? [] : [`${keyOf(row)} ${row.day}: ${deviation}`];
      });
      expect(mismatches.slice(0, 10)).toEqual([]);
      tally('values', golden.length);
      expect(golden.length).toBeGreaterThan(30_000);
    });
  },
);
