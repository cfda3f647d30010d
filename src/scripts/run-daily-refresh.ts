#!/usr/bin/env node
import { isMain } from '../cli/is-main.js';
import { startProgram } from '../cli/start-program.js';
import type { ComponentRequest } from '../orchestration/processes/component-request.js';
import type { ComponentResult } from '../orchestration/processes/component-result.js';

export type { ComponentResult } from '../orchestration/processes/component-result.js';
export { printCombinedSummary } from '../orchestration/report/summary.js';

// What is heavy is imported when it is called: see startProgram.

/** Runs the bar builders as a process of their own (run-all-bar-builders). */
export async function runBarBuilders(request: ComponentRequest): Promise<ComponentResult> {
  const component = await import('../orchestration/processes/run-component.js');
  return component.runBarBuilders(request);
}

/** Runs the EMA refreshers as a process of their own (run-all-ema-refreshes). */
export async function runEmaRefreshers(request: ComponentRequest): Promise<ComponentResult> {
  const component = await import('../orchestration/processes/run-component.js');
  return component.runEmaRefreshers(request);
}

/**
 * `daily-refresh` (= `barwright refresh`): bars, then the freshness gate, then EMAs, each component as a process of its
 * own. Returns the exit code, never exits by itself.
 */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<number> {
  const cli = await import('../cli/main.js');
  return cli.main(['refresh', ...argv]);
}

if (isMain(import.meta.url)) await startProgram('daily-refresh', main);
