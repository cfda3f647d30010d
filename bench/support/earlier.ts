/** barwright as it was at an earlier commit, made from the history of this repository in a folder of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 1_200_000;
const LARGEST_TREE_BYTES = 1 << 28;

export interface EarlierProgram {
  /** Its bin.js. */
  program: string;
  remove(): void;
}

/** Installs its packages and builds it. Throws where the history does not reach the commit, as in a shallow clone. */
export function buildEarlier(commit: string): EarlierProgram {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-earlier-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const tree = run(['git', 'archive', commit], { cwd: ROOT });
    run(['tar', '-x'], { cwd: folder, input: tree });
    const script =
      "const { bootstrap } = await import('./tools/bootstrap.mjs'); await bootstrap({ log: console.error });";
    run([process.execPath, '--input-type=module', '--eval', script], { cwd: folder });
    return { program: join(folder, 'dist/cli/bin.js'), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function run(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, input }: { cwd: string; input?: Buffer },
): Buffer {
  const result = spawnSync(program, args, {
    cwd,
    ...(input === undefined ? {} : { input }),
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: LARGEST_TREE_BYTES,
  });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0)
    throw new Error(
      `${program} ${args.join(' ')}: exit ${result.status}\n${result.stderr.toString().slice(-2000)}`,
    );
  return result.stdout;
}
