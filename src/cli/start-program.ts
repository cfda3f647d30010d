import module from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { makePrivatePath } from '../storage/settings/private-folder.js';
import { sayCrash, watchCrashes, watchOutput } from './last-words.js';

/**
 * Runs `main` as the program that Node was started for, and sets its exit code.
 * `main` imports what it needs when it is called: the argument list that other users can read is overwritten at once,
 * since a typed --db-url must not stay in it.
 */
export async function startProgram(
  title: string,
  main: (argv: readonly string[]) => Promise<number>,
): Promise<void> {
  keepCompiledCode();
  const argv = [...process.argv.slice(2), ...takeArguments()];
  process.title = title;
  watchOutput();
  watchCrashes();
  try {
    process.exitCode = await main(argv);
  } catch (error) {
    // It never throws: what it is made of could not be loaded.
    sayCrash(error);
    process.exitCode = 1;
  }
}

/**
 * Keeps compiled code: a run starts this program three times and more. Node runs what it finds there, so it lies where
 * nobody else can write, or nowhere. Where NODE_COMPILE_CACHE names a folder, Node has taken that already.
 */
function keepCompiledCode(): void {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return;
  const { XDG_CACHE_HOME: named = '' } = process.env;
  // A relative home would be a folder of wherever it is started.
  const cache = [named, join(homedir(), '.cache')].find((path) => isAbsolute(path));
  const folder = cache === undefined ? null : makePrivatePath(join(cache, 'barwright'));
  if (folder !== null) module.enableCompileCache(folder);
}

/**
 * Arguments that our own starter gave by the environment, because a list of arguments can be read by every user of the
 * machine. They go no further down.
 */
function takeArguments(): string[] {
  const { BARWRIGHT_ARGUMENTS: text } = process.env;
  delete process.env.BARWRIGHT_ARGUMENTS;
  return text === undefined ? [] : JSON.parse(text);
}
