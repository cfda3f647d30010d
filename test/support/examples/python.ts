/** Python with the libraries of test/python/requirements.txt: made once in the user's cache folder, then used again. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { note } from '../note.js';
import { findProgram } from '../programs.js';

const REQUIREMENTS = resolve(import.meta.dirname, '../../python/requirements.txt');
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'barwright-test');
const INSTALL_LIMIT_MS = 240_000;
const LIBRARIES = 'import pandas, polars, duckdb, psycopg, pyarrow';

const run = promisify(execFile);

/** The program of an environment that has all libraries; null where it cannot be made: then `what` is left out, and that is said. */
export async function findPython(what: string): Promise<string | null> {
  const python = findProgram('python3');
  if (python === null) return leaveOut(what, 'no python3 here');
  try {
    const { stdout } = await run(python, ['-c', 'import sys; print(sys.version, sys.executable)']);
    const hash = createHash('sha256').update(stdout).update(readFileSync(REQUIREMENTS)).digest('hex');
    const folder = join(CACHE, `python-${hash.slice(0, 16)}`);
    if (!existsSync(folder)) await install(python, folder);
    const program = join(folder, 'bin/python');
    await run(program, ['-c', LIBRARIES], { timeout: INSTALL_LIMIT_MS });
    return program;
  } catch (error) {
    return leaveOut(what, reasonOf(error));
  }
}

/** Makes the environment beside its place and moves it there when it is whole: a run that was ended leaves no half of one. */
async function install(python: string, folder: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true, mode: 0o700 });
  const draft = `${folder}.${process.pid}`;
  try {
    await run(python, ['-m', 'venv', draft], { timeout: INSTALL_LIMIT_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
    const how = [
      '--only-binary',
      ':all:',
      '--retries',
      '1',
      '--timeout',
      '10',
      '--requirement',
      REQUIREMENTS,
    ];
    await run(join(draft, 'bin/python'), [...pip, ...how], { timeout: INSTALL_LIMIT_MS });
    moveUnlessThere(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Another test may have been quicker: then its environment serves. */
function moveUnlessThere(draft: string, folder: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function leaveOut(what: string, reason: string): null {
  note(`[INFO] left out: ${what} (${reason})`);
  return null;
}

/** The last line that says ERROR, as pip does. */
function reasonOf(error: unknown): string {
  const {
    message = '',
    stderr = '',
    killed = false,
  } = error as { message?: string; stderr?: string; killed?: boolean };
  if (killed) return `not installed within ${INSTALL_LIMIT_MS / 1000} s`;
  const lines = stderr.split('\n').filter((line) => /error/i.test(line));
  return (lines.at(-1) ?? message.split('\n')[0] ?? '').trim();
}
