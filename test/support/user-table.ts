/** A table of the user's own: other types than ours, and without name, source_file and load_ts. */

import { formatGrants } from '../../src/storage/schema/grants.js';
import type { Tx } from '../../src/storage/session/database.js';
import { runAdminStatement } from './server.js';
import type { Warehouse } from './warehouse.js';

export const USER_TABLE = 'market.prices';

/** Makes it with days up to yesterday, like those of writePrices. */
export async function createUserTable(
  warehouse: Warehouse,
  { ids, days }: { ids: readonly number[]; days: number },
): Promise<void> {
  await warehouse.execute('create schema market');
  await warehouse.execute(`create table ${USER_TABLE} (id bigint, timestamp timestamp, timeopen timestamptz,
    timeclose timestamptz, timehigh timestamptz, timelow timestamptz, open float8, high float8, low float8,
    close float8, volume numeric(20, 4), marketcap real, note text, primary key (id, timestamp))`);
  await warehouse.execute(
    `insert into ${USER_TABLE} (id, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close)
     select id, t + interval '86399 s', t, t + interval '86399 s', t + interval '5 h', t + interval '7 h', close - 1,
       close + 2, close - 2, close
     from unnest($1::int[]) id, generate_series(1, $2::int) k,
       lateral (select (now() at time zone 'UTC')::date - $2::int - 1 + k as day) d,
       lateral (select day::timestamp as t, 50 + id % 7 + 20 * sin(k / 3.0) as close) p`,
    [ids, days],
  );
  await grantSource(warehouse, USER_TABLE);
  if (warehouse.roles === null) return;
  const { owner } = warehouse.roles;
  await warehouse.execute(`grant usage on schema market to ${owner}`);
  await warehouse.execute(`grant select, trigger on ${USER_TABLE} to ${owner}`);
}

/** Lets the runner read a source of the user's own, by the SQL that `grants --source` prints. */
export async function grantSource({ roles, url }: Warehouse, source: string): Promise<void> {
  if (roles === null) return;
  const grants = { owner: null, reader: null, runner: roles.runner, schema: 'public', source };
  await runAdminStatement(url, formatGrants(grants));
}

/** A loader of its own: it may write the table and nothing else, and its names are not found as ours are. */
export async function createLoader(warehouse: Warehouse) {
  const role = `loader_${warehouse.database.url.split('_').at(-1)}`;
  await warehouse.execute(`create role ${role}`);
  await warehouse.execute(`grant usage on schema market to ${role}`);
  await warehouse.execute(`grant select, insert, update, delete, truncate on ${USER_TABLE} to ${role}`);
  await warehouse.execute('revoke all on schema public from public');
  const asLoader = <T>(work: (tx: Tx) => Promise<T>) =>
    warehouse.database.transaction(async (tx) => {
      await tx.execute(`set local role ${role}`);
      await tx.execute('set local search_path = market, pg_catalog');
      return work(tx);
    });
  return {
    role,
    load: (sql: string) => asLoader((tx) => tx.execute(sql)),
    async drop() {
      await warehouse.execute(`drop owned by ${role}`);
      await warehouse.execute(`drop role ${role}`);
    },
  };
}
