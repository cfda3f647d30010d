/** podman, where it is installed and has the image that deploy/Containerfile begins with: nothing is fetched for the tests. */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { note } from './note.js';
import { findProgram } from './programs.js';

export interface EngineEnd {
  code: number;
  stdout: string;
  /** Also what an engine without systemd says of timers for HEALTHCHECK, which it cannot have. */
  stderr: string;
}

const FILE = resolve(import.meta.dirname, '../../deploy/Containerfile');
const LIMIT_MS = 240_000;
/** Where cgroups of both versions are mounted, crun refuses and runc does not. */
const RUNTIME = findProgram('runc') === null ? [] : ['--runtime', 'runc'];
/** Those of the engine may be more than a container of ours may set. */
const ULIMITS = ['--ulimit', 'nofile=1024:4096', '--ulimit', 'nproc=4096:4096'];

/** Its path; null where it or the image is missing, and that is said. */
export const ENGINE = findEngine();
/** podman takes the init of a compose file from another package. */
export const HAS_INIT = findProgram('catatonit') !== null;

function findEngine(): string | null {
  const program = findProgram('podman');
  const [, image = ''] = /^FROM (\S+)$/m.exec(readFileSync(FILE, 'utf8')) ?? [];
  if (program === null) note('[INFO] left out: the container, built and started (no podman here)');
  else if (hasImage(program, image)) return program;
  else
    note(
      `[INFO] left out: the container, built and started (podman has no ${image}: pull it, or "npm run container-base")`,
    );
  return null;
}

function hasImage(program: string, image: string): boolean {
  try {
    execFileSync(program, ['image', 'exists', `docker.io/library/${image}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs a command of the engine to its end. */
export async function runEngine(args: readonly string[]): Promise<EngineEnd> {
  try {
    const options = { timeout: LIMIT_MS, maxBuffer: 16e6 };
    return { code: 0, ...(await promisify(execFile)(ENGINE ?? '', [...RUNTIME, ...args], options)) };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}

/** Builds the container file of the checkout, with what is in `folder` to take from. */
export async function buildImage(folder: string, tag: string): Promise<EngineEnd> {
  // Steps as processes of their own in a changed root: they need no right to make namespaces. HEALTHCHECK is docker's.
  const how = ['--isolation', 'chroot', '--format', 'docker', '--pull=never', '--no-cache'];
  return runEngine(['build', ...how, '--file', FILE, '--tag', tag, join(folder, '.')]);
}

/** Starts a container in the network of this machine, where the test server is; `flags` stand before the image. */
export function runImage(tag: string, flags: readonly string[], command: readonly string[]) {
  const network = ['--network', 'host', '--health-interval', 'disable'];
  return runEngine(['run', '--pull=never', ...network, ...ULIMITS, ...flags, tag, ...command]);
}
