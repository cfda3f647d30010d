/** A database per test file: cloned from the migrated template in some 50 ms, dropped at the end. */
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/session/database.js';
import { applyPlan } from './plans/apply-plan.js';
import { type PlanName, planNamed, planOfTests } from './plans/plans.js';
import { shuffledDatabase } from './plans/shuffled-rows.js';
import { createRoles, dropRoles, type TestRoles, urlAs } from './roles.js';
import { createDatabase, dropDatabase } from './server.js';
import { sharedTemplate } from './servers/shared-template.js';
import { migrateDatabase } from './template.js';

export interface TestDatabase {
  /** As a superuser. */
  url: string;
  /** As the roles that `barwright grants` makes; in a database with nothing in it the superuser. */
  urls: Record<keyof TestRoles, string>;
  roles: TestRoles | null;
  database: Database;
  /** Closes `database` and drops it with whatever is still connected. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** URL of a superuser on another server than this run's own; see second-server.ts. */
  serverUrl?: string;
  /** Many tests of this run use that server: its databases are clones there too. */
  isShared?: boolean;
  schema?: string;
  maxConnections?: number;
  /** How the server answers; left out: as BARWRIGHT_TEST_PLAN says. */
  plan?: PlanName;
  /** Name of the database to clone, on the same server; nobody may be connected to it. */
  template?: string;
}

/** A database with the schema of all migrations in `public`. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  if (options.serverUrl === undefined) {
    const adminUrl = inject('adminUrl');
    const template = options.template ?? inject('templateDatabase');
    const clone = await createDatabase(adminUrl, template, { isCopied: true });
    await applyPlan(clone.url, planOf(options));
    return { ...open(adminUrl, clone, options), ...asRoles(clone.url, inject('roles')) };
  }
  const { serverUrl } = options;
  if (options.isShared) {
    const { name, roles } = await sharedTemplate(serverUrl, inject('templateDatabase'));
    const clone = await createDatabase(serverUrl, options.template ?? name);
    await applyPlan(clone.url, planOf(options));
    return { ...open(serverUrl, clone, options), ...asRoles(clone.url, roles) };
  }
  const created = await createDatabase(serverUrl);
  await migrateDatabase(created.url);
  await applyPlan(created.url, planOf(options));
  const roles = await createRoles(created.url);
  const opened = open(serverUrl, created, options);
  return {
    ...opened,
    ...asRoles(created.url, roles),
    async drop() {
      await opened.drop();
      await dropRoles(serverUrl, roles);
    },
  };
}

/** A database with nothing in it. */
export async function createEmptyDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const adminUrl = options.serverUrl ?? inject('adminUrl');
  return open(adminUrl, await createDatabase(adminUrl), options);
}

function planOf({ plan }: TestDatabaseOptions) {
  return plan === undefined ? planOfTests() : planNamed(plan);
}

function asRoles(url: string, roles: TestRoles): Pick<TestDatabase, 'urls' | 'roles'> {
  const { owner, runner, reader } = roles;
  return {
    roles,
    urls: { owner: urlAs(url, owner), runner: urlAs(url, runner), reader: urlAs(url, reader) },
  };
}

function open(
  adminUrl: string,
  created: { name: string; url: string },
  options: TestDatabaseOptions,
): TestDatabase {
  const opened = openDatabase(created.url, {
    schema: options.schema ?? 'public',
    maxConnections: options.maxConnections ?? 4,
  });
  const database = planOf(options).isShuffled ? shuffledDatabase(opened) : opened;
  return {
    url: created.url,
    urls: { owner: created.url, runner: created.url, reader: created.url },
    roles: null,
    database,
    async drop() {
      await database.close();
      await dropDatabase(adminUrl, created.name);
    },
  };
}
