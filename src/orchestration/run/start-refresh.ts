/** `barwright refresh` as a process of its own. */
import { spawn } from 'node:child_process';
import { formatIds } from '../../domain/text/ids.js';
import { PROGRAM } from '../../storage/places.js';
import { hidePassword } from '../../storage/settings/secrets.js';

/** Of what it says only the end is kept. */
const MOST_KEPT = 4_000;

export interface RefreshStart {
  target: 'all' | 'bars' | 'emas' | 'indicators';
  /** null: every active asset. */
  ids: readonly number[] | null;
  dbUrl: string;
  schema: string;
  source: string | null;
}

/** A refresh that was started. */
export interface StartedRefresh {
  pid: number;
  /** Resolves when it has ended: its exit code (null: a signal ended it) and the last line that it said. */
  ended: Promise<{ exitCode: number | null; lastLine: string | null }>;
}

/**
 * Starts one. It outlives its starter, as a refresh should. The database goes in the environment, which other users
 * cannot read, as an argument: over TARGET_DB_URL a db_config.env of the working directory would win. Secrets of the
 * starter do not go with it. Throws when the system starts no process.
 */
export async function startRefresh({
  target,
  ids,
  dbUrl,
  schema,
  source,
}: RefreshStart): Promise<StartedRefresh> {
  const {
    BARWRIGHT_DB: _embedded,
    BARWRIGHT_TOKEN: _token,
    BARWRIGHT_SOURCE: _source,
    ...environment
  } = process.env;
  const args = ['refresh', `--${target}`, '--ids', formatIds(ids), '--schema', schema];
  if (source !== null) args.push('--source', source);
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...environment, BARWRIGHT_ARGUMENTS: JSON.stringify(['--db-url', dbUrl]), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MOST_KEPT);
    });
  const ended = new Promise<{ exitCode: number | null; lastLine: string | null }>((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, lastLine: lastLineOf(said) }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();
  return { pid: child.pid as number, ended };
}

function lastLineOf(said: string): string | null {
  const lines = said.trimEnd().split('\n');
  // The verdict of a summary stands above its counts.
  const line = (lines.findLast((each) => each.startsWith('Overall: ')) ?? lines.at(-1) ?? '').trim();
  return line === '' ? null : hidePassword(line);
}
