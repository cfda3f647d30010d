/** The mornings of docs/reference/nights.md. */
import { inject } from 'vitest';
import { IMPATIENT } from '../cli.js';
import { holdTable, waitForWaiter } from '../locks.js';
import { writePrices } from '../prices.js';
import { mountSmallDisk } from '../small-disk.js';
import { CALENDAR_MORNINGS } from './calendars.js';
import type { Morning, Scene } from './morning.js';

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const MANY = [{ ids: range(1, 500), days: 2 }];
const oneMoreDay = ({ warehouse }: Scene, ids: readonly number[] = [1, 52, 825]) =>
  writePrices(warehouse.database, { ids, days: 1, endsDaysAgo: 1 });

/** Makes the writing of bars of these assets fail with these words; a correction gives them work. */
async function poison(
  { warehouse }: Scene,
  { ids, words = 'day 33 is poisoned', code = 'P0001' }: { ids: string; words?: string; code?: string },
): Promise<undefined> {
  await warehouse.execute(`
    create function refuse() returns trigger language plpgsql as
      $f$ begin raise exception '${words}' using errcode = '${code}'; end $f$;
    create trigger poison before insert or update on cmc_price_bars_1d_state
      for each row when (new.id in (${ids})) execute function refuse();
    update cmc_price_histories7 set high = high * 2 where id in (${ids})`);
  return undefined;
}

const urlWith = ({ warehouse }: Scene, change: (url: URL) => void) => {
  const url = new URL(warehouse.urls.runner);
  change(url);
  return { TARGET_DB_URL: url.href };
};

export const MORNINGS: readonly Morning[] = [
  {
    night: 'all is well, and a new day has come',
    async happen(scene) {
      await oneMoreDay(scene);
      return undefined;
    },
    ...{ exitCode: 0, alert: null, check: 0, says: /^Overall: OK/ },
  },
  {
    night: 'nothing new has come since the last run',
    exitCode: 0,
    alert: null,
    check: 0,
    says: /^Overall: OK/,
  },
  {
    night: 'one asset has a day that cannot be stored',
    happen: (scene) => poison(scene, { ids: '825' }),
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] bars, USDT \(825\): day 33 is poisoned/ },
  },
  {
    night: 'one asset of 500 cannot be stored',
    prices: MANY,
    happen: (scene) => poison(scene, { ids: '250' }),
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] bars, ID 250: day 33 is poisoned/ },
  },
  {
    night: 'each of 100 assets fails by a reason of its own',
    prices: [{ ids: range(1, 100), days: 2 }],
    args: ['refresh', '--all', '--continue-on-error'],
    async happen({ warehouse }) {
      await warehouse.execute(`
        create function refuse() returns trigger language plpgsql as
          $f$ begin raise exception 'asset % has a % of its own', new.id, md5(new.id::text); end $f$;
        create trigger poison before insert or update on cmc_price_bars_1d_state
          for each row execute function refuse();
        update cmc_price_histories7 set high = high * 2`);
      return undefined;
    },
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] bars, .*has a/ },
  },
  {
    night: 'the same cause, not in the data, meets 500 assets',
    prices: MANY,
    happen: (scene) =>
      poison(scene, { ids: range(1, 500).join(), words: 'out of shared memory', code: '53200' }),
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] bars: .*has no memory left/ },
  },
  {
    night: 'a broken export has deleted most days of an asset',
    async happen({ warehouse }) {
      await warehouse.execute(
        `delete from cmc_price_histories7 where id = 52 and timestamp < now() - interval '5 days'
           and timestamp > (select min(timestamp) from cmc_price_histories7 where id = 52)`,
      );
      return undefined;
    },
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] bars, XRP \(52\): .*vanished/ },
  },
  {
    night: 'a price of years ago was corrected',
    async happen({ warehouse }) {
      await warehouse.execute(
        "update cmc_price_histories7 set close = close * 1.001 where id = 52 and timestamp < now() - interval '30 days'",
      );
      return undefined;
    },
    ...{ exitCode: 0, alert: null, check: 0, says: /^Overall: OK/ },
  },
  {
    night: 'an asset that failed five nights is left alone',
    async happen(scene) {
      await poison(scene, { ids: '825' });
      for (let night = 0; night < 5; night += 1) await scene.run(['refresh', '--all']);
      return undefined;
    },
    ...{
      exitCode: 3,
      alert: 'WARNING',
      check: 0,
      says: /^\[WARNING\] bars, USDT \(825\): quarantined after 5/,
    },
  },
  {
    night: 'every row of a new asset is refused',
    isExpected: true,
    async happen(scene) {
      await writePrices(scene.warehouse.database, { ids: [7], days: 40 });
      await scene.warehouse.execute(
        'update cmc_price_histories7 set open = null, high = null, low = null, close = null where id = 7',
      );
      return undefined;
    },
    ...{ exitCode: 3, alert: 'WARNING', check: 1 },
    says: /^\[WARNING\] ID 7: source late: no price yet, 40 expected days missing, rows up to \S+ refused/,
  },
  {
    night: 'an id was typed that nobody knows',
    args: ['refresh', '--all', '--ids', '1,77'],
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] bars, ID 77: unknown id/ },
  },
  {
    night: 'the password is wrong',
    env: (scene) => urlWith(scene, (url) => (url.password = 'wrong')),
    ...{ exitCode: 1, alert: 'FAILED', check: 1, says: /^\[FAILED\] .*password authentication failed/ },
  },
  {
    night: 'the database is not there',
    env: (scene) => urlWith(scene, (url) => (url.pathname = '/nowhere')),
    ...{ exitCode: 1, alert: 'FAILED', check: 1, says: /^\[FAILED\] .*database "nowhere" does not exist/ },
  },
  {
    night: 'the role is not there',
    env: (scene) => urlWith(scene, (url) => (url.username = 'nobody_here')),
    ...{ exitCode: 1, alert: 'FAILED', check: 1, says: /^\[FAILED\] .*nobody_here/ },
  },
  {
    night: 'the server does not answer',
    env: (scene) => ({ ...urlWith(scene, (url) => (url.port = '1')), ...IMPATIENT }),
    ...{ exitCode: 1, alert: 'FAILED', check: 1, says: /^\[FAILED\] .*ECONNREFUSED/ },
  },
  {
    night: 'nothing names a database',
    env: () => ({ TARGET_DB_URL: '' }),
    ...{ exitCode: 2, alert: 'FAILED', check: 2, says: /^no database is named/ },
  },
  {
    night: 'the source was renamed',
    args: ['refresh', '--all', '--source', 'public.prices_of_old'],
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] .*prices_of_old/ },
  },
  {
    night: 'a column of the source has another type',
    args: ['refresh', '--all', '--source', 'public.retyped'],
    async happen({ warehouse }) {
      await warehouse.execute(`create view retyped as select id, timestamp, timeopen, timeclose, timehigh, timelow,
        open::text as open, high, low, close, volume, marketcap, name from cmc_price_histories7;
        grant select on retyped to public`);
      return undefined;
    },
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] .*column "open" has type text/ },
  },
  {
    night: 'the schema is newer than the program',
    async happen({ warehouse }) {
      await warehouse.execute(
        `insert into barwright_migration (number, name, checksum) values (999, '999_tomorrow', 'x')`,
      );
      return undefined;
    },
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] schema "public" is newer/ },
  },
  {
    night: 'the schema is older than the program',
    async happen({ warehouse }) {
      await warehouse.execute(
        'delete from barwright_migration where number = (select max(number) from barwright_migration)',
      );
      return undefined;
    },
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] schema "public" is older/ },
  },
  {
    night: 'there is no schema yet',
    args: ['refresh', '--all', '--schema', 'elsewhere'],
    ...{
      exitCode: 1,
      alert: 'FAILED',
      check: 0,
      says: /^\[FAILED\] schema "elsewhere" has no barwright tables/,
    },
  },
  {
    night: 'the run of the night before was killed',
    async happen(scene) {
      await oneMoreDay(scene);
      const release = await holdTable(scene.warehouse.database, 'price_bars');
      let pid = 0;
      const killed = scene.run(['refresh', '--all'], { onStart: (started) => (pid = started) });
      await waitForWaiter(scene.warehouse.database);
      process.kill(pid, 'SIGKILL');
      await killed;
      await release();
      return undefined;
    },
    ...{ exitCode: 0, alert: 'FAILED', check: 0, says: /^\[WARNING\] run \w+ .*had died silently/ },
  },
  {
    night: 'the disk of the database is full',
    prices: [{ ids: range(1, 30), days: 120 }],
    isNew: true,
    async happen({ warehouse }) {
      const disk = await mountSmallDisk(inject('adminUrl'), 64);
      if (disk === null) return null;
      await warehouse.execute(`alter table price_bars set tablespace ${disk.tablespace}`);
      disk.fill(300_000);
      return async () => {
        disk.clear();
        await warehouse.execute('alter table price_bars set tablespace pg_default');
        await disk.remove();
      };
    },
    ...{ exitCode: 1, alert: 'FAILED', check: 1, says: /^\[FAILED\] .*(?:No space left|disk)/i },
  },
  {
    night: 'somebody has left a transaction open',
    async happen(scene) {
      await oneMoreDay(scene);
      return holdTable(scene.warehouse.database, 'price_bars');
    },
    env: () => ({ BARWRIGHT_LOCK_TIMEOUT_MS: '500', ...IMPATIENT }),
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] .*could not get a lock/ },
  },
  {
    night: 'another run is still at work',
    async happen(scene) {
      await oneMoreDay(scene);
      const release = await holdTable(scene.warehouse.database, 'price_bars');
      const running = scene.run(['refresh', '--all']);
      await waitForWaiter(scene.warehouse.database);
      return async () => {
        await release();
        await running;
      };
    },
    ...{ exitCode: 4, alert: null, check: 0, says: /^\[FAILED\] another run holds the lease/ },
  },
  {
    night: 'only EMAs were asked for, and there are no bars yet',
    isNew: true,
    args: ['refresh', '--emas'],
    ...{ exitCode: 3, alert: null, check: 1, says: /^\[WARNING\] emas, 3 assets .*no bars yet/ },
  },
  {
    night: 'the bars take longer than they may',
    async happen(scene) {
      await oneMoreDay(scene);
      return holdTable(scene.warehouse.database, 'price_bars');
    },
    args: ['refresh', '--all', '--timeout', '2'],
    ...{ exitCode: 1, alert: 'FAILED', check: 0, says: /^\[FAILED\] bars: .*timed out after 2 s/ },
  },
  {
    night: 'the log cannot be written',
    args: ['refresh', '--all', '--log-file', '/proc/nowhere/run.log'],
    ...{ exitCode: 0, alert: null, check: 0, says: /^\[WARNING\] the log .* cannot be written/ },
  },
  {
    night: 'warnings count, and the source had to be repaired',
    args: ['refresh', '--all', '--strict'],
    async happen(scene) {
      await oneMoreDay(scene);
      await scene.warehouse.execute(`update cmc_price_histories7 set timehigh = timestamp + interval '1 day'
        where id = 52 and timestamp = (select max(timestamp) from cmc_price_histories7 where id = 52)`);
      return undefined;
    },
    ...{ exitCode: 3, alert: 'WARNING', check: 0, says: /^\[WARNING\] 2 repairs$/ },
  },
  ...CALENDAR_MORNINGS,
];
