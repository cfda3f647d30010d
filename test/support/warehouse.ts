/** A test database, and barwright run on it as a real process. */
import { expect } from 'vitest';
import type { AssetOutcome } from '../../src/domain/planning/outcome.js';
import type { RefreshReport } from '../../src/orchestration/report/refresh-report.js';
import { type CliEnd, type CliOptions, runCli } from './cli.js';
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from './database.js';
import { type PriceSpan, writePrices } from './prices.js';
import { setDefaultCalendar } from './template.js';

export interface Warehouse extends TestDatabase {
  /** Runs the program with TARGET_DB_URL set to this database, as its runner; what makes or deletes things as its owner. */
  run(args: readonly string[], options?: CliOptions): Promise<CliEnd>;
  /** The same with --json: `report` is all of stdout. */
  report(args: readonly string[], options?: CliOptions): Promise<CliEnd & { report: RefreshReport }>;
  query<R extends unknown[]>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  execute(sql: string, params?: readonly unknown[]): Promise<number>;
}

/** A migrated database, with prices where they are asked for. */
export async function createWarehouse(
  options: TestDatabaseOptions = {},
  prices: readonly PriceSpan[] = [],
): Promise<Warehouse> {
  const created = await createTestDatabase(options);
  for (const span of prices) await writePrices(created.database, span);
  return warehouseOf(created);
}

/** A warehouse on the same server with the same in it. Nobody may be connected to that one: its `database` is closed. */
export function cloneWarehouse(of: Warehouse, options: TestDatabaseOptions = {}): Promise<Warehouse> {
  return createWarehouse({ ...options, template: new URL(of.url).pathname.slice(1) });
}

/** Assets that are registered from now on get new days: theirs is the calendar that barwright gives by itself. */
export async function expectDays(warehouse: Pick<Warehouse, 'database'>): Promise<void> {
  await warehouse.database.transaction((tx) => setDefaultCalendar(tx, null));
}

/** The same hands for a database that is there already. */
export function warehouseOf(created: TestDatabase): Warehouse {
  const { database, urls } = created;
  const run = (args: readonly string[], options: CliOptions = {}) =>
    runCli(args, {
      ...options,
      env: { TARGET_DB_URL: needsOwner(args) ? urls.owner : urls.runner, ...options.env },
    });
  return {
    ...created,
    run,
    async report(args, options) {
      const end = await run([...args, '--json'], options);
      return { ...end, report: parseReport(args, end) };
    },
    query: (sql, params) => database.read((tx) => tx.query(sql, params)),
    execute: (sql, params) => database.transaction((tx) => tx.execute(sql, params)),
  };
}

function parseReport(args: readonly string[], end: CliEnd): RefreshReport {
  try {
    return JSON.parse(end.stdout) as RefreshReport;
  } catch (cause) {
    const how = `barwright ${args.join(' ')} ended with ${end.code ?? end.signal}`;
    throw new Error(`${how} and gave no report: ${end.stdout}\n${end.stderr}`, { cause });
  }
}

/** A runner may make nothing, and deletes nothing but what it makes again. */
function needsOwner([command, verb]: readonly string[]): boolean {
  if (command === 'init' || command === 'migrate') return true;
  return (command === 'asset' && verb === 'purge') || (command === 'db' && verb === 'restore');
}

/** Runs the program and expects this exit code; what it said is shown when it has another. */
export async function expectExit(code: number, running: Promise<CliEnd>): Promise<CliEnd> {
  const end = await running;
  expect(end.code, `${end.stdout}\n${end.stderr}`).toBe(code);
  return end;
}

/** "52 failed", "1 ok": what happened to each asset in one component, ascending by id. */
export function outcomesOf(report: RefreshReport, component: string): string[] {
  return listOutcomes(report, component).map(({ id, status }) => `${id} ${status}`);
}

/** Why an asset has the outcome that it has in a component; empty when it has none. */
export function reasonOf(report: RefreshReport, component: string, id: number): string {
  return listOutcomes(report, component).find((outcome) => outcome.id === id)?.reason ?? '';
}

function listOutcomes(report: RefreshReport, component: string): AssetOutcome[] {
  const result = report.components.find((each) => each.component === component);
  return [...(result?.outcomes ?? [])].sort((a, b) => a.id - b.id);
}
