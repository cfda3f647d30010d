/** What a reader of each page has before its first line, and what happens between its lines. */
import { copyFileSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findPython } from '../examples/python.js';
import { startHttpServer } from '../http-server.js';
import { killInBars } from '../killed-run.js';
import { createOriginTables, writeOrigin } from '../origin/warehouse.js';
import { writePrices } from '../prices.js';
import { apiQuote } from '../quotes.js';
import { expectExit } from '../warehouse.js';
import { BARE, COMMAS, GERMAN, INSTANTS, NAMED, USUAL } from './files.js';
import type { Scene } from './run-page.js';
import type { Stage } from './stage.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const ANY_PORT = { 'barwright.config.json': '{ "serve": { "port": 0 } }' };
const DAY_MS = 86_400_000;

/** Without ccxt, which is no dependency, an exchange is refused after everything else has been read. */
const NO_CCXT = 2;

async function nameRun({ warehouse, names }: Stage): Promise<void> {
  const [row] = await warehouse.query<[string]>(
    'select left(run::text, 8) from refresh_run order by started_at desc limit 1',
  );
  names.set('3fa85f64', row?.[0] ?? '');
}

/** A day that no run has taken in, and a run that dies over it. */
async function die({ warehouse }: Stage): Promise<void> {
  await warehouse.execute(`update cmc_price_histories7 set close = close * 1.001
    where id = 1 and timestamp = (select max(timestamp) from cmc_price_histories7 where id = 1)`);
  await killInBars(warehouse, ['refresh', '--all']);
}

async function hasTheirs({ query }: Stage['warehouse']): Promise<boolean> {
  const [row] = await query<[string | null]>("select to_regclass('public.cmc_price_bars_1d')::text");
  return row?.[0] !== null;
}

/** An asset without new prices for months, of which a day has been corrected since the last run. */
async function correctLate({ warehouse }: Stage): Promise<void> {
  await writePrices(warehouse.database, { ids: [900001], days: 400, endsDaysAgo: 300 });
  await warehouse.execute(
    "insert into dim_assets (id, symbol, name, calendar) values (900001, 'SAMPLE-A', 'SAMPLE Alpha', 'daily')",
  );
  await expectExit(3, warehouse.run(['refresh', '--all']));
  await warehouse.execute(`update cmc_price_histories7 set close = close * 1.01 where id = 900001 and timestamp =
    (select max(timestamp) - interval '2 days' from cmc_price_histories7 where id = 900001)`);
}

const prices = (text: string) => (stage: Stage) => stage.write({ 'prices.csv': text });
const demo = async (stage: Stage): Promise<string> => {
  const { code, printed } = await stage.run('barwright demo');
  if (code !== 0) throw new Error(`barwright demo ended with ${code}: ${printed}`);
  return printed;
};

export const SCENES: Record<string, Scene> = {
  'README.md': {
    prepare: (stage) => stage.write({ ...ANY_PORT, 'prices/bitcoin.csv': NAMED }),
    before: {
      'npm start': demo,
      'The same command again finds nothing to do, starts no child process and writes nothing:': demo,
    },
    ends: { 'barwright ingest --exchange kraken --symbol BTC/USD --id 1': NO_CCXT },
  },
  'CONTRIBUTING.md': {
    // Where it is typed it would install and build, if the checkout has changed, while tests use what was built.
    prepare: ({ names }) => names.set('npm run -s barwright --', 'barwright'),
  },
  'docs/reference/http-api.md': {
    async prepare(stage) {
      stage.write(ANY_PORT);
      const server = await stage.start('barwright serve --allow-run', /Token: /);
      const url = /Dashboard: (\S+)\//.exec(server.printed())?.[1] ?? '';
      stage.names.set('http://127.0.0.1:4747', url).set('http://dash.example:4747', url);
      const token = /Token: (\S+)/.exec(server.printed())?.[1] ?? '';
      Object.assign(stage.env, { TOKEN: token, BARWRIGHT_TOKEN: token });
    },
  },
  'docs/reference/verify.md': {
    async prepare(stage) {
      const python = await findPython('lines of docs/reference/verify.md');
      if (python !== null) symlinkSync(resolve(python, '../..'), join(stage.folder, 'venv'));
      symlinkSync(join(ROOT, 'verifier'), join(stage.folder, 'verifier'));
    },
    before: {
      '`barwright state rebuild` prints what it restored:': async ({ warehouse }) => {
        for (const table of ['bar_carry', 'ema_carry'])
          await warehouse.execute(`delete from ${table} where id = 1 and alignment = 'cal_us'`);
      },
    },
  },
  'docs/tasks/dashboard.md': {
    async prepare(stage) {
      stage.write(ANY_PORT);
      await nameRun(stage);
      await stage.run('barwright init --embedded');
    },
  },
  'docs/tasks/embedded-server.md': {
    async prepare(stage) {
      stage.write({ 'bitcoin.csv': NAMED });
      await stage.run('barwright init --embedded');
      await stage.run('barwright ingest bitcoin.csv --embedded');
      await stage.run('barwright asset calendar all none --embedded');
    },
  },
  'docs/tasks/every-night.md': {
    prepare: ({ folder }) => mkdirSync(join(folder, 'warehouse')),
  },
  'docs/tasks/fetch-prices.md': {
    async prepare(stage) {
      const server = await startHttpServer();
      server.respond = ({ path }) => ({
        status: 200,
        body: JSON.stringify({
          status: { error_code: 0, error_message: null },
          data: {
            id: Number(new URL(path, server.url).searchParams.get('id')),
            ...{ name: 'A coin', symbol: 'COIN', quotes: [apiQuote(4), apiQuote(5)] },
          },
        }),
      });
      Object.assign(stage.env, { CMC_API_URL: server.url, CMC_API_KEY: 'a-key-of-the-test' });
      stage.onRemove(server.close);
    },
    ends: {
      'barwright ingest --exchange kraken --symbol BTC/USD --id 1': NO_CCXT,
      'barwright ingest --exchange binance --symbol ETH/USDT --id 1027 --since 2017-08-17': NO_CCXT,
    },
  },
  'docs/tasks/finish-a-run.md': {
    async prepare(stage) {
      await die(stage);
      await expectExit(0, stage.warehouse.run(['refresh', '--all']));
      await nameRun(stage);
    },
    before: {
      'barwright refresh --all --resume': die,
      'barwright retry': die,
    },
  },
  'docs/tasks/implausible-days.md': {
    async prepare({ warehouse }) {
      const endsDaysAgo = Math.floor((Date.now() - Date.parse('2024-03-01')) / DAY_MS);
      await writePrices(warehouse.database, { ids: [5], days: 120, endsDaysAgo });
      await warehouse.execute(`update cmc_price_histories7 set open = open * 20, high = high * 20, low = low * 20,
        close = close * 20 where id = 5 and (timestamp at time zone 'UTC')::date in ('2023-12-01', '2024-01-02')`);
      await expectExit(0, warehouse.run(['refresh', '--all']));
    },
  },
  'docs/tasks/load-files.md': {
    prepare: (stage) =>
      stage.write({ 'prices.csv': USUAL, 'prices/bitcoin.csv': NAMED, 'DIR/bitcoin.csv': NAMED }),
    before: {
      'barwright ingest prices.csv --id 1 --map date=Datum,open=Anfang,high=Hoch,low=Tief,close=Ende':
        prices(GERMAN),
      'barwright ingest prices.csv --symbol AAPL --map date=1,open=4,high=2,low=3,close=5': prices(BARE),
      'barwright ingest prices.csv --id 1 --date-format DD/MM/YYYY --decimal comma': prices(COMMAS),
      'barwright ingest prices.csv --symbol MSFT --zone America/New_York --adjusted': prices(INSTANTS),
    },
  },
  'docs/tasks/logs-and-metrics.md': {
    async prepare({ folder, run }) {
      await run('barwright refresh --all');
      const [log = ''] = readdirSync(join(folder, '.logs'));
      copyFileSync(join(folder, '.logs', log), join(folder, '.logs/refresh-2026-03-01.log'));
    },
  },
  'docs/tasks/migrate.md': {
    before: {
      'barwright compare --origin public --schema barwright': async ({ warehouse }) => {
        if (await hasTheirs(warehouse)) return;
        const theirs = { schema: 'public', source: 'public.cmc_price_histories7', periods: [6] };
        await createOriginTables(warehouse, theirs);
        await writeOrigin(warehouse, 1, theirs);
      },
    },
  },
  'docs/tasks/prove.md': {
    before: {
      'With the last bit of one EMA changed by hand:': async ({ warehouse }) => {
        await warehouse.execute(`update ema_points set ema[3] = ema[3] * (1 + 2.3e-16)
          where id = 1 and alignment = 'multi_tf' and tf = '7D' and bar_seq = 50`);
      },
      'With a close corrected in the source since the last refresh:': async ({ run, warehouse }) => {
        await run('barwright refresh --all --full-rebuild --ids 1');
        await warehouse.execute(`update cmc_price_histories7 set close = close * 1.001 where id = 1 and timestamp =
          (select max(timestamp) - interval '50 days' from cmc_price_histories7 where id = 1)`);
      },
    },
  },
  'docs/tasks/roles.md': {
    prepare: ({ names, warehouse }) => {
      const own = warehouse.url.split('_').at(-1) ?? '';
      for (const role of ['market_owner', 'nightly', 'analyst']) names.set(role, `${role}_${own}`);
    },
  },
  'docs/tasks/schedule.md': {
    prepare: (stage) => stage.write({ 'prices/bitcoin.csv': NAMED }),
  },
  'docs/tasks/watch.md': {
    before: {
      '`barwright explain` shows what led to the state of one asset, and ends with the command that would repair it:':
        (stage) => correctLate(stage),
    },
  },
  'docs/tutorial.md': {
    prepare: ({ folder }) => mkdirSync(join(folder, 'warehouse')),
    before: {
      'npm start': demo,
      'Change a price in `prices.csv`, then load the file again:': async ({ run }) => {
        await run('sed -i s/,10.8,/,10.7,/ prices.csv');
      },
    },
    // The day after its newest is late 30 hours after it is over; the page says so.
    ends: { './barwright refresh --all --embedded': Date.now() < Date.parse('2026-12-02T06:00Z') ? 0 : 3 },
  },
};
