/** The SQL that spreads the tables of a schema over the machines of a Citus cluster, by asset. It is printed, never run. */
import pg from 'pg';
import { OURS } from '../prices/staging.js';
import { listTables, MIGRATIONS } from '../schema/grants.js';
import { quoteIdentifier } from '../session/database.js';
import { DEFAULT_SOURCE, NOTE_TRIGGERS } from '../source/source.js';

/** Where the rows of a table live: on the machine of their asset, on every machine, or on the coordinator only. */
export type TablePlace = 'distributed' | 'reference' | 'local';

/** The column that says which machine a row is on. */
export const DISTRIBUTION_COLUMN = 'id';

const LOCAL: readonly string[] = [MIGRATIONS, 'alert_log'];

/** The first distributed table; the others are put where its rows of the same asset are. */
const LEADER = 'cmc_price_bars_1d';

/** Where a table of barwright's belongs: bookkeeping of runs is small, and of no asset alone. */
export function placeOf(table: string): TablePlace {
  if (table.startsWith('dim_')) return 'reference';
  return table.startsWith('refresh_') || LOCAL.includes(table) ? 'local' : 'distributed';
}

/** The whole text for a schema of this barwright. */
export function formatDistribution(schema: string): string {
  const tables = listTables();
  const of = (place: TablePlace) => tables.filter((table) => placeOf(table) === place);
  const relation = (table: string) => pg.escapeLiteral(`${quoteIdentifier(schema)}.${table}`);
  const others = of('distributed').filter((table) => table !== LEADER);
  const distribute = (table: string, beside: string) =>
    `create_distributed_table(${relation(table)}, '${DISTRIBUTION_COLUMN}', colocate_with => ${beside})`;
  return [
    `-- How the tables of schema ${quoteIdentifier(schema)} are spread by Citus, printed by "barwright init --citus". Run it once, on the`,
    '-- coordinator, in a database with "create extension citus", after "barwright init" and before the first ingest:',
    '-- rows that are there already are moved, but their local copy stays until it is truncated.',
    'begin;',
    '',
    '-- On every machine: what joins look up.',
    ...of('reference').map((table) => `select create_reference_table(${relation(table)});`),
    '',
    `-- By asset; the rows of an asset are on one machine, in all tables.`,
    `select ${distribute(LEADER, "'none'")};`,
    ...others.map((table) => `select ${distribute(table, relation(LEADER))};`),
    '',
    '-- Prices, where the table is one that barwright made. It has no triggers either: changes of it are found by',
    '-- fingerprints from then on.',
    'do $prices$',
    'begin',
    `  if coalesce(obj_description(to_regclass(${relation(DEFAULT_SOURCE)}), 'pg_class'), '') like ${pg.escapeLiteral(`%${OURS}%`)} then`,
    ...NOTE_TRIGGERS.map(
      (trigger) => `    drop trigger if exists ${trigger} on ${quoteIdentifier(schema)}.${DEFAULT_SOURCE};`,
    ),
    `    perform ${distribute(DEFAULT_SOURCE, relation(LEADER))};`,
    '  end if;',
    'end',
    '$prices$;',
    '',
    `-- On the coordinator: ${of('local').join(', ')}.`,
    'commit;',
    '',
  ].join('\n');
}
