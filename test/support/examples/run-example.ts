/** Examples that are programs, run as a reader of them would: in an empty folder, with a database in the environment. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { type Example, withOutput } from '../../../tools/documents/example-file.js';
import { builtFile, cleanEnvironment } from '../cli.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const LOADER = pathToFileURL(join(ROOT, 'test/support/run-typescript.mjs')).href;
const LIMIT_MS = 60_000;

/** What runs a file: a program and its first arguments. */
export const RUNNERS = {
  shell: ['sh', '-eu'],
  library: [process.execPath, '--import', LOADER],
} as const;

/** Runs an example to its end, which must be a good one, with nothing but information on stderr; gives what it printed. */
export async function runExample(
  { path }: Example,
  url: string,
  [program, ...args]: readonly [string, ...string[]],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-example-'));
  try {
    const { stdout, stderr } = await promisify(execFile)(program, [...args, join(ROOT, path)], {
      cwd: folder,
      env: cleanEnvironment({
        TARGET_DB_URL: url,
        PATH: withBarwright(folder),
        PYTHONDONTWRITEBYTECODE: '1',
      }),
      timeout: LIMIT_MS,
    });
    expect(stderr.replaceAll(/^\[(OK|INFO)\] .*\n/gm, '')).toBe('');
    return stdout.trimEnd();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A PATH on which `barwright` is the built program of this checkout: it is made in the folder. */
export function withBarwright(folder: string): string {
  const file = join(folder, 'barwright');
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${builtFile('cli/bin.js')}" "$@"\n`);
  chmodSync(file, 0o755);
  return [folder, process.env.PATH].join(delimiter);
}

/** The output at the end of the file is this; with BARWRIGHT_WRITE_EXAMPLES=1 it is written there instead. */
export function expectOutput(example: Example, printed: string): void {
  // A comment ends without blanks.
  const output = printed
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
  if (process.env.BARWRIGHT_WRITE_EXAMPLES !== '1') {
    expect(output).toBe(example.output);
    return;
  }
  const file = join(ROOT, example.path);
  writeFileSync(file, withOutput(readFileSync(file, 'utf8'), example, output));
}
