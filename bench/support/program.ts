/** barwright as a process, timed from outside, with the memory that it and its children took. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));
const TIMEOUT_MS = 3_600_000;
const SAMPLE_MS = 100;

export interface ComponentRows {
  component: string;
  rowsNeeded: number;
  rowsWritten: number;
  durationSec: number;
}

export interface ProgramRun {
  durationMs: number;
  components: ComponentRows[];
  /** Peak of the resident memory of all its processes together; null where /proc does not tell. */
  peakMb: number | null;
}

/** `barwright refresh --all --json …`. Throws unless it ends with exit code 0. The seeded days end some weeks ago, so assets may be late. */
export function refresh(url: string, args: readonly string[] = []): Promise<ProgramRun> {
  return refreshBy(PROGRAM, url, ['--allow-late', ...args]);
}

/** The same by another bin.js. */
export async function refreshBy(
  program: string,
  url: string,
  args: readonly string[] = [],
): Promise<ProgramRun> {
  const run = await runProgram([program, 'refresh', '--all', '--json', '--no-log-file', ...args], url);
  const report = JSON.parse(run.stdout) as { components: ComponentRows[] };
  return { durationMs: run.durationMs, components: report.components, peakMb: run.peakMb };
}

/** Rows needed and written by all components together. */
export function rowsOf({ components }: ProgramRun): { needed: number; written: number } {
  let [needed, written] = [0, 0];
  for (const component of components) {
    needed += component.rowsNeeded;
    written += component.rowsWritten;
  }
  return { needed, written };
}

/** Node with these arguments; the database by environment. Throws unless it ends with exit code 0. */
export async function runProgram(args: readonly string[], url: string) {
  const cwd = mkdtempSync(join(tmpdir(), 'barwright-bench-cwd-'));
  try {
    return await timeProcess(args, { url, cwd });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function timeProcess(
  args: readonly string[],
  { url, cwd }: { url: string; cwd: string },
): Promise<{ durationMs: number; stdout: string; peakMb: number | null }> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, TARGET_DB_URL: url, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    const memory = watchMemory(child.pid ?? 0);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const durationMs = performance.now() - startedMs;
      const peakMb = memory.stop();
      if (code === 0) resolve({ durationMs, stdout, peakMb });
      else
        reject(new Error(`${args.slice(1).join(' ')}: exit code ${code}\n${stdout.slice(-2000)}\n${stderr}`));
    });
  });
}

/** Adds up the memory of a process and all below it, ten times a second; a page that they share counts once. */
function watchMemory(root: number): { stop(): number | null } {
  let peakKb = 0;
  const timer = setInterval(() => {
    peakKb = Math.max(peakKb, memoryKb(root));
  }, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return peakKb === 0 ? null : peakKb / 1024;
    },
  };
}

function memoryKb(root: number): number {
  const parents = new Map<number, number>();
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const parent = readParent(name);
      if (parent !== null) parents.set(Number(name), parent);
    }
  } catch {
    return 0;
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return pid === root || (parent !== undefined && parent > 1 && isBelow(parent));
  };
  let sum = 0;
  for (const pid of parents.keys()) if (isBelow(pid)) sum += proportionalKb(pid);
  return sum;
}

/** null: it ended while we looked. */
function readParent(pid: string): number | null {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return null;
  }
}

/** Memory of one process, of shared pages its share. */
function proportionalKb(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
