/** Mornings that are about days: which were expected, which came, and which of them can be trusted. */
import { resolve } from 'node:path';
import { writePrices } from '../prices.js';
import type { Morning, Scene } from './morning.js';

const CLOCK = resolve(import.meta.dirname, '../../fixtures/children/other-clock.mjs');

/** Weekday of a day so many days ago, ISO: Monday 1. */
const WEEKDAYS_OFF = [1, 2].map((ago) => `extract(isodow from current_date - ${ago})`).join(', ');

async function newestDay({ warehouse }: Scene, id: number): Promise<string> {
  const rows = await warehouse.query<[string]>(
    'select max(timestamp)::date::text from cmc_price_histories7 where id = $1',
    [id],
  );
  return rows[0]?.[0] ?? '';
}

export const CALENDAR_MORNINGS: readonly Morning[] = [
  {
    night: 'the feed died three weeks ago',
    isExpected: true,
    prices: [{ ids: [1, 52, 825], days: 90, endsDaysAgo: 21 }],
    ...{ exitCode: 3, alert: 'WARNING', check: 1 },
    says: /^\[WARNING\] 3 assets .*: source late: the worst BTC \(1\): no price since/,
  },
  {
    night: 'one asset of 500 has no new days',
    isExpected: true,
    prices: [
      { ids: Array.from({ length: 499 }, (_, k) => k + 1), days: 2 },
      { ids: [500], days: 2, endsDaysAgo: 5 },
    ],
    ...{ exitCode: 3, alert: 'WARNING', check: 1 },
    says: /^\[WARNING\] ID 500: source late: no price since .* 4 expected days missing/,
  },
  {
    night: 'an asset was delisted, others of its feed continue',
    isExpected: true,
    prices: [
      { ids: [1, 825], days: 90 },
      { ids: [52], days: 90, endsDaysAgo: 33 },
    ],
    isNew: true,
    ...{ exitCode: 3, alert: 'WARNING', check: 1 },
    says: /^\[WARNING\] XRP \(52\): ceased: no price since .* 32 expected days missing/,
  },
  {
    night: 'it was a weekend: shares have no new day, coins have',
    isExpected: true,
    prices: [{ ids: [1, 52], days: 200 }],
    isNew: true,
    async happen({ warehouse }) {
      await warehouse.execute(
        `delete from cmc_price_histories7 where id = 52 and extract(isodow from timestamp) in (${WEEKDAYS_OFF})`,
      );
      return undefined;
    },
    args: ['refresh', '--all', '--late-after', '0'],
    ...{ exitCode: 0, alert: null, check: 0, says: /^Overall: OK/ },
  },
  {
    night: 'it was a holiday of New York',
    isExpected: true,
    prices: [{ ids: [1, 52], days: 40 }],
    isNew: true,
    async happen(scene) {
      const { warehouse, run } = scene;
      await run(['asset', 'calendar', '52', 'XNYS']);
      await warehouse.execute(
        'delete from cmc_price_histories7 where id = 52 and timestamp::date > current_date - 5',
      );
      for (let ago = 1; ago < 5; ago += 1) {
        const day = new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
        await run(['asset', 'holiday', 'XNYS', day, '--note', 'closed']);
      }
      return undefined;
    },
    args: ['refresh', '--all', '--late-after', '0'],
    ...{ exitCode: 0, alert: null, check: 0, says: /^Overall: OK/ },
  },
  {
    night: 'there is no asset: somebody has emptied the warehouse',
    prices: [],
    isNew: true,
    ...{ exitCode: 3, alert: 'WARNING', check: 1, says: /^\[WARNING\] there is no active asset/ },
  },
  {
    night: 'the newest day was loaded before it was over',
    isExpected: true,
    async happen(scene) {
      await writePrices(scene.warehouse.database, { ids: [1, 52, 825], days: 1 });
      const day = await newestDay(scene, 52);
      await scene.warehouse.execute(
        "update cmc_price_histories7 set load_ts = timeopen + interval '12 hours' where id = 52 and timestamp::date = $1::date",
        [day],
      );
      return undefined;
    },
    ...{ exitCode: 0, alert: null, check: 0 },
    says: /^\[INFO\] XRP \(52\): the newest day waits, it was loaded before it was over/,
  },
  {
    night: 'a loader wrote a price of tomorrow',
    async happen({ warehouse }) {
      await warehouse.execute(
        "update cmc_price_bars_1d_state set last_src_ts = now() + interval '1 day' where id = 1",
      );
      return undefined;
    },
    ...{ exitCode: 0, alert: null, check: 0, says: /^\[WARNING\] ID 1: newest price is dated in the future/ },
  },
  {
    night: 'a price jumped twentyfold',
    async happen(scene) {
      await writePrices(scene.warehouse.database, { ids: [1, 52, 825], days: 1 });
      await scene.warehouse.execute(
        `update cmc_price_histories7 set open = open * 20, high = high * 20, low = low * 20, close = close * 20
         where id = 52 and timestamp::date = current_date - 1`,
      );
      return undefined;
    },
    ...{
      exitCode: 0,
      alert: 'WARNING',
      check: 0,
      says: /^\[WARNING\] bars, XRP \(52\): \S+: close is .* times/,
    },
  },
  {
    night: 'the clock of the machine is three days ahead',
    env: () => ({ NODE_OPTIONS: `--import ${CLOCK}` }),
    ...{
      exitCode: 0,
      alert: null,
      check: 0,
      says: /^\[WARNING\] the clock of this machine is 2592\d\d\.\d s ahead/,
    },
  },
  {
    night: 'prices came in, and no run has taken them yet',
    isExpected: true,
    prices: [{ ids: [1, 52, 825], days: 40, endsDaysAgo: 4 }],
    async happen({ warehouse }) {
      await writePrices(warehouse.database, { ids: [1, 52, 825], days: 3 });
      return undefined;
    },
    args: ['refresh', '--emas'],
    ...{ exitCode: 3, alert: null, check: 1, says: /^\[WARNING\] emas, 3 assets .*skipped: stale/ },
  },
];
