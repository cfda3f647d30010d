import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import type { LeaseInfo } from '../../storage/lease/lease.js';
import { describeThisProcess, isProvenDead } from './process-identity.js';

const SELF = describeThisProcess();

function holder(change: Partial<LeaseInfo> = {}): LeaseInfo {
  const info = { run: 'r', command: 'refresh --all', host: hostname(), pid: process.pid, startedAt: '' };
  return { ...info, process: SELF, ...change };
}

test('a process knows its machine, its space of process ids and its start', () => {
  expect(SELF.bootId).toMatch(/^[0-9a-f-]{36}$/);
  expect(SELF.pidSpace).toMatch(/^pid:\[\d+\]$/);
  expect(SELF.startTicks).toMatch(/^\d+$/);
  expect(describeThisProcess()).toEqual(SELF);
});

test('this process lives; under its number another one is dead', () => {
  expect(isProvenDead(holder())).toBe(false);
  expect(isProvenDead(holder({ process: { ...SELF, startTicks: '1' } }))).toBe(true);
});

test('one that has ended is dead', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  expect(isProvenDead(holder({ pid, process: { ...SELF, startTicks: null } }))).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isProvenDead(holder({ pid }))).toBe(true);
});

test('in doubt it lives: another machine, another start of it, another container, nothing known', () => {
  const dead = { ...SELF, startTicks: '1' };
  for (const change of [
    { host: 'elsewhere' },
    { process: { ...dead, bootId: 'another' } },
    { process: { ...dead, bootId: null } },
    { process: { ...dead, pidSpace: 'pid:[1]' } },
    { process: { ...dead, pidSpace: null } },
    { process: { ...dead, startTicks: null } },
  ]) {
    expect(isProvenDead(holder({ process: dead, ...change })), JSON.stringify(change)).toBe(false);
  }
  const { process: _, ...old } = holder();
  expect(isProvenDead(old)).toBe(false);
});
