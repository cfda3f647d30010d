#!/usr/bin/env node
import { isMain } from '../cli/is-main.js';
import { main as runCli } from '../cli/main.js';

/** `run-all-bar-builders` (= `barwright bars`): returns the exit code, never exits by itself. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<number> {
  return runCli(['bars', ...argv]);
}

if (isMain(import.meta.url)) {
  const argv = process.argv.slice(2);
  process.title = 'run-all-bar-builders';
  process.exitCode = await main(argv);
}
