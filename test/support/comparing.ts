/** `barwright compare` as a process, and what it reports. */
import { expect } from 'vitest';
import type { AssetComparison } from '../../src/components/compare/comparison.js';
import { type CliEnd, runCli } from './cli.js';
import { ORIGIN } from './origin/warehouse.js';
import { expectExit, type Warehouse } from './warehouse.js';

export interface CompareReport {
  isExplained: boolean;
  explained: Record<string, number>;
  unexplained: number;
  first: Record<string, unknown> | null;
  assets: AssetComparison[];
}

/** As somebody who may read, and nothing else. */
export function runCompare(warehouse: Warehouse, args: readonly string[]): Promise<CliEnd> {
  const env = { TARGET_DB_URL: warehouse.urls.reader };
  return runCli(['compare', '--origin', ORIGIN, ...args], { env });
}

/** What it reports as JSON, with this exit code. */
export async function readReport(
  warehouse: Warehouse,
  code: number,
  args: readonly string[] = [],
): Promise<CompareReport> {
  const { stdout } = await expectExit(code, runCompare(warehouse, [...args, '--json']));
  return JSON.parse(stdout) as CompareReport;
}

/** Does something to their tables, which is undone after the work. */
export async function whilePlanted<T>(
  warehouse: Warehouse,
  [sql, undo]: readonly [string, string],
  work: () => Promise<T>,
): Promise<T> {
  expect(await warehouse.execute(sql), sql).not.toBe(0);
  try {
    return await work();
  } finally {
    await warehouse.execute(undo);
  }
}
