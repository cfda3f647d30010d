/** A copy of the checkout that may be broken, and tests run in it. */
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const BUILD_TIMEOUT_MS = 180_000;

/** Whether a test file starts the built program, or opens its page. */
export function needsBuild(test: string): boolean {
  return /^test\/(?:e2e|faults|web|package)\/|^test\/[^/]+$|^test\/laws\/model-processes/.test(test);
}

/** How a run of tests ended. */
export interface TestRun {
  /** File and name of the first test that failed; null: none did. */
  failed: { file: string; test: string } | null;
  /** It did not end in time, and was ended. */
  isTimeout: boolean;
}

export interface RunOptions {
  timeoutMs: number;
  env?: Readonly<Record<string, string>>;
}

/** What git knows of the checkout, changed or not, in a folder of its own; packages are those of the checkout. */
export class CheckoutCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'barwright-mutant-'));
  /** Ends the tests that run now. */
  #end: () => void = () => {};

  constructor(root: string) {
    const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
    });
    for (const name of listed.stdout.toString().split('\0')) {
      if (name === '' || !existsSync(join(root, name))) continue;
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      cpSync(join(root, name), join(this.folder, name));
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    if (existsSync(join(root, 'dist')))
      cpSync(join(root, 'dist'), join(this.folder, 'dist'), { recursive: true });
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** Ends what runs in it and removes it. */
  remove(): void {
    this.#end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Whether the types of the copy are right. */
  isTyped(): boolean {
    const incremental = ['--incremental', '--tsBuildInfoFile', 'mutants.tsbuildinfo'];
    return this.#start(['typescript/bin/tsc', '-p', 'tsconfig.json', ...incremental]) === 0;
  }

  /** Builds the program that tests start as a process, and the page that they open. False: it cannot be built. */
  build(): boolean {
    this.#start(['typescript/bin/tsc', '-p', 'tsconfig.build.json']);
    const vite = ['vite/bin/vite.js', 'build', '--logLevel', 'silent'];
    return [[...vite, '--config', 'vite-program.config.ts'], vite].every((step) => this.#start(step) === 0);
  }

  #start([tool = '', ...args]: readonly string[]): number | null {
    const program = join(this.folder, 'node_modules', tool);
    const options = { cwd: this.folder, stdio: 'ignore', timeout: BUILD_TIMEOUT_MS } as const;
    return spawnSync(process.execPath, [program, ...args], options).status;
  }

  /** Runs test files until one fails. Throws when no test ran. */
  async test(files: readonly string[], { timeoutMs, env = {} }: RunOptions): Promise<TestRun> {
    const report = join(this.folder, 'report.json');
    rmSync(report, { force: true });
    const vitest = join(this.folder, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--bail=1', '--reporter=json', `--outputFile=${report}`, ...files];
    const isTimeout = await this.#run(args, { timeoutMs, env });
    if (isTimeout) return { failed: { file: files[0] ?? '', test: 'did not end in time' }, isTimeout };
    return { failed: firstFailure(report, files, this.folder), isTimeout };
  }

  #run(args: readonly string[], { timeoutMs, env }: Required<RunOptions>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, {
        cwd: this.folder,
        env: { ...process.env, ...env },
        stdio: 'ignore',
        // A group of its own: its workers end with it.
        detached: true,
      });
      let isTimeout = false;
      this.#end = () => {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      };
      const timer = setTimeout(() => {
        isTimeout = true;
        this.#end();
      }, timeoutMs);
      child.once('error', reject);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(isTimeout);
      });
    });
  }
}

interface Report {
  testResults: { name: string; status: string; assertionResults: { status: string; fullName: string }[] }[];
}

function firstFailure(report: string, files: readonly string[], folder: string): TestRun['failed'] {
  // The run ended before it could report: the mutant broke what every test needs.
  if (!existsSync(report)) return { file: files[0] ?? '', test: 'cannot be run' };
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  if (testResults.length === 0) return { file: files[0] ?? '', test: 'cannot be run' };
  const pathOf = (name: string) => name.slice(name.indexOf(folder) + folder.length + 1);
  for (const { name, assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed');
    if (failed !== undefined) return { file: pathOf(name), test: failed.fullName };
  }
  // No test failed, but what stands before them did.
  const unloaded = testResults.find(({ status }) => status === 'failed');
  if (unloaded !== undefined) return { file: pathOf(unloaded.name), test: 'what comes before its tests' };
  return null;
}
