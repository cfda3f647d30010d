/** A working directory of its own for runs of the program: with it go the logs and what was alerted. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CliEnd, type CliOptions, runCli } from './cli.js';

export type LogLine = Record<string, unknown> & { level: string; msg: string };

export interface Desk {
  folder: string;
  /** Runs the program here. */
  run(args: readonly string[], options?: CliOptions): Promise<CliEnd>;
  /** Names in .logs, sorted; [] when there is no such folder. */
  listLogs(): string[];
  /** Lines of the log of today, or of the named file in this folder. */
  readLog(name?: string): LogLine[];
  /** Everything in every file here. */
  readAll(): string;
  clear(): void;
}

/** `env` is given to every run. */
export function createDesk(env: Record<string, string> = {}): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-desk-'));
  const logs = join(folder, '.logs');
  return {
    folder,
    run: (args, options = {}) => runCli(args, { cwd: folder, ...options, env: { ...env, ...options.env } }),
    listLogs: () => {
      try {
        return readdirSync(logs).sort();
      } catch {
        return [];
      }
    },
    readLog: (name = join('.logs', `refresh-${new Date().toISOString().slice(0, 10)}.log`)) =>
      readFileSync(join(folder, name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    readAll: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
        .join('\n'),
    clear: () => rmSync(folder, { recursive: true, force: true }),
  };
}
