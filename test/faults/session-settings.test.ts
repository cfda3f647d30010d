/** Settings of a server, a database or a role that would change what a statement means, gives, or how long it may take. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/storage/session/database.js';
import { listSessionSettings } from '../../src/storage/session/session-settings.js';
import { readContents } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import { runAdminStatement } from '../support/server.js';
import { readUndisturbed } from '../support/undisturbed.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const SPANS = [{ ids: [1, 2], days: 40 }];

/** Settings that a transaction leaves alone, and why that is right. A name that ends with * stands for all that begin so. */
const LEFT: Readonly<Record<string, readonly string[]>> = {
  'how a statement is planned: every row and its order are asked for': [
    ...[
      'enable_*',
      'cpu_*',
      'jit_*',
      'geqo*',
      'parallel_*',
      'max_parallel_*',
      'min_parallel_*',
      'random_page_cost',
    ],
    ...[
      'seq_page_cost',
      'effective_cache_size',
      'constraint_exclusion',
      'cursor_tuple_fraction',
      'plan_cache_mode',
    ],
    ...[
      'default_statistics_target',
      'from_collapse_limit',
      'join_collapse_limit',
      'recursive_worktable_factor',
    ],
    ...['force_parallel_mode', 'debug_parallel_query', 'stats_fetch_consistency'],
  ],
  'how much memory and which reads and writes it takes': [
    ...[
      'work_mem',
      'hash_mem_multiplier',
      'maintenance_*',
      'temp_buffers',
      'logical_decoding_work_mem',
      'io_*',
    ],
    ...[
      'effective_io_concurrency',
      'backend_flush_after',
      'gin_pending_list_limit',
      'wal_skip_threshold',
      'vacuum_*',
    ],
    ...['file_copy_method', 'commit_siblings'],
  ],
  'where things are kept, and how durable a commit is: for the administrator': [
    ...['default_tablespace', 'temp_tablespaces', 'default_table_access_method', 'default_toast_compression'],
    'synchronous_commit',
  ],
  'what is logged or noticed': [
    ...[
      'client_min_messages',
      'escape_string_warning',
      'debug_*',
      'log_*',
      'trace_*',
      'md5_password_warnings',
    ],
  ],
  'the connection itself: what it ends by is tried again': [
    ...[
      'tcp_*',
      'client_connection_check_interval',
      'idle_session_timeout',
      'wal_sender_timeout',
      'local_preload_libraries',
    ],
  ],
  'said by "begin", or a refusal that is meant': [
    ...[
      'transaction_deferrable',
      'transaction_isolation',
      'transaction_read_only',
      'default_transaction_deferrable',
    ],
    ...['default_transaction_isolation', 'default_transaction_read_only'],
  ],
  'of things that no statement of ours uses': [
    ...['password_encryption', 'scram_iterations', 'createrole_self_grant', 'default_text_search_config'],
    ...[
      'icu_validation_level',
      'check_function_bodies',
      'plpgsql.check_asserts',
      'plpgsql.extra_warnings',
      'plpgsql.print_strict_params',
    ],
  ],
};

const isLeft = (name: string): boolean =>
  Object.values(LEFT)
    .flat()
    .some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each));

/** Values that make a difference, one for each setting that can be other than we want it. */
const HOSTILE: Readonly<Record<string, string>> = {
  ...{
    standard_conforming_strings: 'off',
    transform_null_equals: 'on',
    array_nulls: 'off',
    backslash_quote: 'on',
  },
  ...{
    timezone: 'Asia/Kathmandu',
    datestyle: 'German, DMY',
    intervalstyle: 'sql_standard',
    extra_float_digits: '-15',
  },
  ...{ bytea_output: 'escape', xmlbinary: 'hex', xmloption: 'document', quote_all_identifiers: 'on' },
  ...{
    client_encoding: 'LATIN1',
    row_security: 'on',
    gin_fuzzy_search_limit: '1',
    synchronize_seqscans: 'on',
  },
  ...{
    exit_on_error: 'on',
    statement_timeout: '200',
    lock_timeout: '1',
    idle_in_transaction_session_timeout: '200',
  },
  ...{ search_path: 'pg_catalog', timezone_abbreviations: 'India', jit: 'on', application_name: 'psql' },
  ...{ transaction_timeout: '200', restrict_nonsystem_relation_kind: 'view' },
};

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  beforeEach(async () => {
    warehouse = await createWarehouse(options, SPANS);
  });
  afterEach(() => warehouse.drop());

  const databaseName = () => new URL(warehouse.url).pathname.slice(1);
  const listSettings = async () => {
    const rows = await warehouse.query<[string]>(
      `select lower(name) from pg_settings where context = 'user' order by 1`,
    );
    return rows.map(([name]) => name);
  };

  test('every setting that a session may have of its own is set, or left alone for a reason', async () => {
    const known = listSessionSettings();
    const settings = await listSettings();
    expect(settings.filter((name) => !known.includes(name) && !isLeft(name))).toEqual([]);
    expect(known.filter((name) => isLeft(name))).toEqual([]);
  });

  test('whatever a role has set: a transaction has our values', async () => {
    const settings = await listSettings();
    const role = warehouse.roles?.runner;
    const read = () => {
      const database = openDatabase(warehouse.urls.runner);
      const all = `select lower(name), setting from pg_settings where lower(name) = any ($1) order by 1`;
      return database.read((tx) => tx.query(all, [listSessionSettings()])).finally(() => database.close());
    };
    const before = await read();
    for (const name of settings.filter((each) => HOSTILE[each] !== undefined))
      await runAdminStatement(
        warehouse.url,
        `alter role ${role} in database ${databaseName()} set ${name} = ${valueFor(name)}`,
      );
    expect(await read()).toEqual(before);
  });

  test('a run of such a role comes to the same, and longer transactions than it may have are ours', async () => {
    const settings = await listSettings();
    const expected = await readUndisturbed(SPANS, options);
    for (const role of [warehouse.roles?.runner, warehouse.roles?.owner])
      for (const name of settings.filter((each) => HOSTILE[each] !== undefined))
        await runAdminStatement(
          warehouse.url,
          `alter role ${role} in database ${databaseName()} set ${name} = ${valueFor(name)}`,
        );
    await expectExit(0, warehouse.run(['refresh', '--all']));
    expect(await readContents(warehouse.database)).toEqual(expected);
    await expectExit(0, warehouse.run(['verify', '--source']));
    const database = openDatabase(warehouse.urls.runner);
    await database.read((tx) => tx.query('select pg_sleep(1)')).finally(() => database.close());
  });
});

const valueFor = (name: string): string => (name === 'search_path' ? 'pg_catalog' : `'${HOSTILE[name]}'`);
