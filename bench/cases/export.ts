/** B17: all EMAs of 7D of all assets as Parquet files, against the same rows out of the view by COPY; and once more, unchanged. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { to as copyTo } from 'pg-copy-streams';
import type { Finding } from '../support/findings.js';
import { timeMs } from '../support/measure.js';
import { runProgram } from '../support/program.js';
import { type BenchServer, withClient } from '../support/server.js';
import { LARGE } from './news.js';

const PROGRAM = new URL('../../dist/cli/bin.js', import.meta.url).pathname;
const SERIES = ['--tfs', '7D', '--alignment', 'multi_tf'];

/** Needs the database that measureNews leaves. Each side is measured once: it takes minutes. */
export async function* measureExport(server: BenchServer): AsyncGenerator<Finding> {
  const url = server.url(LARGE);
  const directory = mkdtempSync(join(tmpdir(), 'barwright-bench-export-'));
  try {
    const args = [PROGRAM, 'export', 'emas', '--format', 'parquet', '--out', directory, ...SERIES];
    const first = await runProgram(args, url);
    const again = await runProgram(args, url);
    const sqlMs = await copyViewMs(url);
    yield {
      id: 'B17',
      what: 'all EMAs of 7D out of the view by COPY / as Parquet files, all columns',
      goal: { atLeast: 1.5 },
      value: sqlMs / first.durationMs,
      detail: `${lastLine(first.stdout)}; COPY, bytes dropped: ${(sqlMs / 1000).toFixed(1)} s; ${Math.round(first.peakMb ?? 0)} MB of memory`,
    };
    yield {
      id: 'B17',
      what: 'the same export again, nothing changed / the first',
      goal: { atMost: 0.25 },
      value: again.durationMs / first.durationMs,
      detail: lastLine(again.stdout),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** All rows to the client, as bytes. */
function copyViewMs(url: string): Promise<number> {
  return withClient(url, (client) =>
    timeMs(() =>
      pipeline(
        client.query(
          copyTo("copy (select * from cmc_ema_multi_tf where tf = '7D') to stdout (format binary)"),
        ),
        new Writable({ write: (_chunk, _encoding, done) => done() }),
      ),
    ),
  );
}

/** Without the folder, which is another one each time. */
function lastLine(stdout: string): string {
  return (stdout.trimEnd().split('\n').at(-1) ?? '').replace(/^\[OK\] \S+: /, '');
}
