import module from 'node:module';

/**
 * Runs `main` as the program that Node was started for, and sets its exit code.
 * `main` imports what it needs when it is called: the argument list that other users can read is overwritten at once,
 * since a typed --db-url must not stay in it.
 */
export async function startProgram(
  title: string,
  main: (argv: readonly string[]) => Promise<number>,
): Promise<void> {
  // Compiled code is kept (in Node's own folder for temporary files): a run starts this program three times and more.
  module.enableCompileCache();
  const argv = [...process.argv.slice(2), ...takeArguments()];
  process.title = title;
  process.exitCode = await main(argv);
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
