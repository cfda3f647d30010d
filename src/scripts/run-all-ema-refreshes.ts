#!/usr/bin/env node
import { isMain } from '../cli/is-main.js';
import { startProgram } from '../cli/start-program.js';

/** `run-all-ema-refreshes` (= `barwright emas`): returns the exit code, never exits by itself. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<number> {
  const cli = await import('../cli/main.js');
  return cli.main(['emas', ...argv]);
}

if (isMain(import.meta.url)) await startProgram('run-all-ema-refreshes', main);
