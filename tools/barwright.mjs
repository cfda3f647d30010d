// npm run -s barwright -- ARGS: the program of this checkout. Its standard output is the program's alone.
import { BIN, bootstrap, environment, ROOT, runInForeground, runMain } from './bootstrap.mjs';

const args = process.argv.slice(2);
const hasUrl = args.some((arg) => arg.startsWith('--db-url'));
// Overwrites our own argument list: the URL may hold a password.
if (hasUrl) process.title = 'barwright';

await runMain(async () => {
  const { node } = await bootstrap({ log: (line) => console.error(line) });
  // By the environment: an argument list can be read by every user of the machine.
  const command = hasUrl ? [node, BIN] : [node, BIN, ...args];
  const env = environment(hasUrl ? { BARWRIGHT_ARGUMENTS: JSON.stringify(args) } : {});
  return runInForeground(command, { env, cwd: typedIn() });
});

/** npm runs a script in the checkout; db_config.env and file names are meant from the folder where npm was called. */
function typedIn() {
  const isOurScript = process.env.npm_lifecycle_event === 'barwright' && process.cwd() === ROOT;
  return (isOurScript ? process.env.INIT_CWD : undefined) ?? process.cwd();
}
