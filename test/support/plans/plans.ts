/** Other ways for the server to answer the same statements: as settings of the database that a test's processes connect to. */

/** How a database is made to answer. */
export interface Plan {
  /** Settings of the database: they hold for every process that connects to it. */
  settings?: Readonly<Record<string, string>>;
  /** Statements in the database, before anything is in it. */
  statements?: readonly string[];
  /** Rows of a read that names no order come in any order. */
  isShuffled?: boolean;
}

const TABLES = `select format('alter table %s set (autovacuum_enabled = off)', oid::regclass) from pg_class
  where relkind = 'r' and relnamespace = 'public'::regnamespace`;

/** By the name that BARWRIGHT_TEST_PLAN gives; "usual" is the server's own choice. */
export const PLANS = {
  usual: {},
  'no nested loops': { settings: { enable_nestloop: 'off' } },
  'no hash joins': { settings: { enable_hashjoin: 'off', enable_hashagg: 'off' } },
  'no merge joins': { settings: { enable_mergejoin: 'off', enable_sort: 'off' } },
  'no index scans': {
    settings: { enable_indexscan: 'off', enable_indexonlyscan: 'off', enable_bitmapscan: 'off' },
  },
  'parallel workers': {
    settings: {
      PARALLEL: 'on',
      parallel_setup_cost: '0',
      parallel_tuple_cost: '0',
      min_parallel_table_scan_size: '0',
      min_parallel_index_scan_size: '0',
    },
  },
  'no statistics': { statements: [TABLES] },
  // Tables that are empty for the planner's eyes, and others that are larger than the world.
  'wrong statistics': {
    statements: [
      TABLES,
      `select format('update pg_class set reltuples = %s, relpages = %s where oid = %s',
         case when n % 2 = 0 then '1' else '1e9' end, case when n % 2 = 0 then 1 else 20000000 end, oid)
       from (select oid, row_number() over (order by relname) as n from pg_class
             where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace) c`,
    ],
  },
  'rows in any order': { isShuffled: true },
} as const satisfies Readonly<Record<string, Plan>>;

export type PlanName = keyof typeof PLANS;

/** The plan that this process's databases are made with: BARWRIGHT_TEST_PLAN, else the usual one. Throws for another name. */
export function planOfTests(): Plan {
  const name = process.env.BARWRIGHT_TEST_PLAN ?? 'usual';
  if (!Object.hasOwn(PLANS, name))
    throw new Error(`BARWRIGHT_TEST_PLAN expects one of ${Object.keys(PLANS).join(', ')}, got "${name}"`);
  return planNamed(name as PlanName);
}

/** A plan by its name. */
export function planNamed(name: PlanName): Plan {
  return PLANS[name];
}
