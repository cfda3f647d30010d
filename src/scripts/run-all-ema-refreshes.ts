#!/usr/bin/env node
import { isMain } from '../cli/is-main.js';
import { main as runCli } from '../cli/main.js';

/** `run-all-ema-refreshes` (= `barwright emas`): returns the exit code, never exits by itself. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<number> {
  return runCli(['emas', ...argv]);
}

if (isMain(import.meta.url)) {
  const argv = process.argv.slice(2);
  process.title = 'run-all-ema-refreshes';
  process.exitCode = await main(argv);
}
