// Runs a TypeScript file of the checkout by the checkout's own Node, with the arguments that were typed.
import { bootstrap, environment, ROOT, runInForeground, runMain } from '../bootstrap.mjs';

const LOADER = './test/support/run-typescript.mjs';

export function runTool(file) {
  return runMain(async () => {
    const { node } = await bootstrap({ log: (line) => console.log(line) });
    const command = [node, '--import', LOADER, file, ...process.argv.slice(2)];
    return runInForeground(command, { cwd: ROOT, env: environment() });
  });
}
