#!/usr/bin/env node
import { isMain } from '../cli/is-main.js';
import { startProgram } from '../cli/start-program.js';
import { runTranslated } from './origin-arguments.js';

/** `run-all-ema-refreshes` (= `barwright emas`): returns the exit code, never exits by itself. Takes the replaced system's command lines too. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<number> {
  const cli = await import('../cli/main.js');
  return runTranslated('emas', argv, (args) => cli.main(args));
}

if (isMain(import.meta.url)) await startProgram('run-all-ema-refreshes', main);
