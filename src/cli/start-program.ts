import module from 'node:module';

const NEEDED = [22, 12] as const;

/**
 * Runs `main` as the program that Node was started for, and sets its exit code.
 * `main` imports what it needs when it is called: an old Node must get a sentence, not a syntax error, and the argument
 * list that other users can read is overwritten at once, since a typed --db-url must not stay in it.
 */
export async function startProgram(
  title: string,
  main: (argv: readonly string[]) => Promise<number>,
): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
    console.error(`barwright needs Node ${NEEDED.join('.')} or newer, this is ${process.versions.node}`);
    process.exitCode = 2;
    return;
  }
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
