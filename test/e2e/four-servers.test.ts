/** A share of the assets on each of four PostgreSQL servers: what they hold together is what one server holds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EMA_COLUMNS } from '../support/ema-rows.js';
import { type OwnServer, startOwnServer } from '../support/own-server.js';
import { writePrices } from '../support/prices.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const SERVERS = 4;
const IDS = Array.from({ length: 40 }, (_, index) => index + 1);
const DAYS = 60;
/** Days that come after the first build; the last assets stay behind. */
const NEW_DAYS = 2;
const LATE = [39, 40];
/** Four of them at once on a small machine. */
const SETTINGS = { shared_buffers: '16MB', max_connections: '30', synchronous_commit: 'off' };

/** Of views and functions that show all assets: which rows each asset has. */
const SHOWN = [
  'cmc_price_bars_1d',
  'bars_latest',
  'ema_latest',
  `(select * from ema_asof((select max(last_day) - 5 from cmc_price_bars_1d_state))) as v`,
  `(select * from price_bars_daily where tf in ('7D', '1W_CAL_ISO', '1M_CAL', '1M_CAL_ANCHOR')) as v`,
  `(select ${EMA_COLUMNS.join(', ')}, alignment_source from cmc_ema_multi_tf_u
    where tf in ('2D', '7D', '1W_CAL_US') and period in (6, 9)) as v`,
];

const servers: OwnServer[] = [];
const shards: Warehouse[] = [];
let whole: Warehouse;

const shardOf = (id: number): number => (id * 7) % SERVERS;

beforeAll(async () => {
  whole = await createWarehouse({}, [{ ids: IDS, days: DAYS, endsDaysAgo: 1 + NEW_DAYS }]);
  const started = await Promise.allSettled(Array.from({ length: SERVERS }, () => startOwnServer(SETTINGS)));
  for (const result of started) if (result.status === 'fulfilled') servers.push(result.value);
  expect(started.map(({ status }) => status)).toEqual(Array(SERVERS).fill('fulfilled'));
  for (const { url } of servers) shards.push(await createWarehouse({ serverUrl: url }));
}, 240_000);
afterAll(async () => {
  await whole?.drop();
  await Promise.allSettled(shards.map((shard) => shard.database.close()));
  const removed = await Promise.allSettled(servers.map((server) => server.remove()));
  expect(removed.filter(({ status }) => status === 'rejected')).toEqual([]);
});

/** The prices of the whole, each on the server of its asset. */
async function sharePrices(): Promise<void> {
  for (const [index, shard] of shards.entries()) {
    const ids = IDS.filter((id) => shardOf(id) === index).join();
    await shard.execute('delete from cmc_price_histories7');
    await whole.database.read((from) =>
      shard.database.transaction((to) =>
        to.copyIn(
          'copy cmc_price_histories7 from stdin (format binary)',
          from.copyOut(
            `copy (select * from cmc_price_histories7 where id in (${ids})) to stdout (format binary)`,
          ),
        ),
      ),
    );
  }
}

/** SHA-256 of everything that is stored of each asset, as verify prints it. */
async function hashesOf(warehouse: Warehouse): Promise<[number, string][]> {
  const { stdout } = await expectExit(0, warehouse.run(['verify', '--json']));
  const { assets } = JSON.parse(stdout) as { assets: { id: number; sha256: string }[] };
  return assets.map(({ id, sha256 }) => [id, sha256]);
}

/** A hash of the rows that each asset has in what is shown. */
function shownBy(warehouse: Warehouse, shown: string): Promise<[number, string][]> {
  const relation = shown.endsWith(' as v') ? shown : `${shown} as v`;
  return warehouse.query<[number, string]>(
    `select id, md5(string_agg(v::text, e'\\n' order by v::text collate "C")) from ${relation} group by id`,
  );
}

/** What a refresh did to each asset, in both components. */
async function actionsOf(warehouse: Warehouse): Promise<[number, string][]> {
  const { code, report, stdout } = await warehouse.report(['refresh', '--all']);
  expect(code, stdout).toBe(0);
  return report.components.flatMap(({ outcomes = [] }) =>
    outcomes.map(({ id, action }): [number, string] => [id, action]),
  );
}

const inOrder = (rows: readonly [number, string][]) => rows.toSorted(([a], [b]) => a - b);

async function refreshAll(): Promise<void> {
  await expectExit(0, whole.run(['refresh', '--all']));
  for (const shard of shards) await expectExit(0, shard.run(['refresh', '--all']));
}

async function expectSame(): Promise<void> {
  const [one, ...parts] = await Promise.all([whole, ...shards].map(hashesOf));
  expect(one?.map(([id]) => id)).toEqual(IDS);
  expect(inOrder(parts.flat())).toEqual(one);
  for (const shown of SHOWN) {
    const all = await shownBy(whole, shown);
    const shared = await Promise.all(shards.map((shard) => shownBy(shard, shown)));
    expect(all.length, shown).toBe(IDS.length);
    expect(inOrder(shared.flat()), shown).toEqual(inOrder(all));
  }
}

test('they are four servers, each with its own assets', async () => {
  await sharePrices();
  const found = await Promise.all(
    shards.map((shard) =>
      shard.query<[string, number]>(
        `select current_setting('port') || ' ' || current_setting('data_directory'), count(distinct id)
         from cmc_price_histories7`,
      ),
    ),
  );
  const rows = found.flat();
  expect(new Set(rows.map(([place]) => place)).size).toBe(SERVERS);
  expect(rows.map(([, assets]) => assets)).toEqual(Array(SERVERS).fill(IDS.length / SERVERS));
});

test('together they hold and show what one server does', async () => {
  await refreshAll();
  await expectSame();
});

test('also after new days, on each server by itself, one of them with a correction', async () => {
  const corrected = 12;
  for (const [index, warehouse] of [whole, ...shards].entries()) {
    const isHere = (id: number) => index === 0 || shardOf(id) === index - 1;
    const ids = IDS.filter((id) => isHere(id) && !LATE.includes(id));
    await writePrices(warehouse.database, { ids, days: NEW_DAYS });
    const rows = await warehouse.execute(
      `update cmc_price_histories7 p set close = close * 1.001, high = high * 1.01 where id = $1
       and timestamp = (select max(timestamp) - interval '15 days' from cmc_price_histories7 where id = p.id)`,
      [corrected],
    );
    expect(rows).toBe(isHere(corrected) ? 1 : 0);
  }
  const actions = [];
  for (const warehouse of [whole, ...shards]) actions.push(await actionsOf(warehouse));
  const [one = [], ...parts] = actions;
  expect(inOrder(parts.flat())).toEqual(inOrder(one));
  const byAction = Map.groupBy(one, ([, action]) => action);
  expect([...byAction.keys()].sort()).toEqual(['append', 'none', 'repair']);
  expect(byAction.get('append')).toHaveLength(2 * (IDS.length - LATE.length - 1));
  await expectSame();
});

test('also after a correction, a lost day and older history', async () => {
  const earlier = `interval '${DAYS + NEW_DAYS} days'`;
  await whole.execute(
    `insert into cmc_price_histories7
     select id, name, timeopen - ${earlier}, timeclose - ${earlier}, timehigh - ${earlier},
       timelow - ${earlier}, timestamp - ${earlier}, open, high, low, close, volume, marketcap,
       circulatingsupply, source_file, load_ts
     from cmc_price_histories7 where id in (3, 6)`,
  );
  await whole.execute(
    `update cmc_price_histories7 set close = close * 1.001, high = high * 1.01
     where id in (7, 8) and timestamp > now() - interval '20 days'`,
  );
  await whole.execute(
    `delete from cmc_price_histories7 p where id in (11, 12)
     and timestamp = (select max(timestamp) - interval '9 days' from cmc_price_histories7 where id = p.id)`,
  );
  await sharePrices();
  await refreshAll();
  await expectSame();
});
