#!/usr/bin/env node
import { isMain } from '../cli/is-main.js';
import { main as runCli } from '../cli/main.js';

export type { ComponentResult } from '../orchestration/component-result.js';
export { runBarBuilders, runEmaRefreshers } from '../orchestration/run-component.js';
export { printCombinedSummary } from '../orchestration/summary.js';

/**
 * `daily-refresh` (= `barwright refresh`): bars, then the freshness gate, then EMAs, each component as a process of its
 * own. Returns the exit code, never exits by itself.
 */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<number> {
  return runCli(['refresh', ...argv]);
}

if (isMain(import.meta.url)) {
  const argv = process.argv.slice(2);
  process.title = 'daily-refresh';
  process.exitCode = await main(argv);
}
