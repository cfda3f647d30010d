import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, inject } from 'vitest';
import { CANARY_WORD } from './canary.js';

/** How one command ended, and everything it said. */
export interface CliEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Called as soon as the process runs. */
  onStart?: (pid: number) => void;
  onStdout?: (text: string) => void;
  timeoutMs?: number;
  script?: 'cli/bin.js' | `scripts/${string}.js`;
}

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
/** A place without db_config.env in it or above it that could be found by accident. */
const NOWHERE = mkdtempSync(join(tmpdir(), 'barwright-cwd-'));
afterAll(() => rmSync(NOWHERE, { recursive: true, force: true, maxRetries: 3 }));

/** For a server that is not there and will not come: it is asked as often as any other, at once. */
export const IMPATIENT = { BARWRIGHT_RETRY_DELAY_MS: '20' } as const;

/** The built program's file. */
export function builtFile(script: string): string {
  return join(DIST, script);
}

/** The environment of a test's processes: nothing in it says where a database is. */
export function cleanEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(TARGET_DB_URL|MARKETDATA_DB_URL|BARWRIGHT_|PG)/.test(name),
  ) as [string, string][];
  return { ...Object.fromEntries(kept), ...extra };
}

/** Passwords of the test servers: whatever a process does, it says none of them. */
function listSecrets(): string[] {
  const { password } = new URL(inject('adminUrl'));
  return [CANARY_WORD, ...(password === '' ? [] : [password])];
}

/** Runs the built barwright as a real process and waits for its end (bounded). */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  const child = spawn(process.execPath, [builtFile(options.script ?? 'cli/bin.js'), ...args], {
    cwd: options.cwd ?? NOWHERE,
    env: cleanEnvironment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    options.onStdout?.(stdout);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      const secret = listSecrets().find((each) => stdout.includes(each) || stderr.includes(each));
      if (secret === undefined) resolve({ code, signal, stdout, stderr });
      else reject(new Error(`a password was said by barwright ${args[0]}: ${secret}`));
    });
  });
}

/** What was said, with the lines of a summary that were broken at blanks put together again. */
export function unwrapped(said: string): string {
  return said.replaceAll(/\n {4}(?=\S)/g, ' ');
}
