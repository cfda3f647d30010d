/** Who a process is, beyond its number: what proves, later and to somebody else, that it has ended. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAlive } from '../../storage/embedded/process.js';
import type { LeaseInfo, ProcessIdentity } from '../../storage/lease/lease.js';

/** This process, as far as the system says. Outside of Linux it says nothing, and then no death is ever proven. */
export function describeThisProcess(): ProcessIdentity {
  return {
    bootId: tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidSpace: tryRead(() => readlinkSync('/proc/self/ns/pid')),
    startTicks: readStat(process.pid)?.startTicks ?? null,
  };
}

/**
 * Whether the holder of a lease has certainly ended: it ran on this machine since its last start, where process ids mean
 * the same, and its id is free, waits to be buried or was given to another process. In doubt it lives.
 */
export function isProvenDead(info: LeaseInfo, self: ProcessIdentity = describeThisProcess()): boolean {
  const { process: holder } = info;
  if (holder === undefined || info.host !== hostname()) return false;
  if (holder.bootId === null || holder.pidSpace === null || holder.startTicks === null) return false;
  if (holder.bootId !== self.bootId || holder.pidSpace !== self.pidSpace) return false;
  if (!isAlive(info.pid)) return true;
  const stat = readStat(info.pid);
  return stat !== null && (stat.isBuried || stat.startTicks !== holder.startTicks);
}

/** The command's name is in parentheses and may contain anything; state is field 3 of the line, the start field 22. */
function readStat(pid: number): { isBuried: boolean; startTicks: string } | null {
  const line = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = line?.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields?.[0], fields?.[19]];
  return state === undefined || startTicks === undefined
    ? null
    : { isBuried: state === 'Z' || state === 'X', startTicks };
}

function tryRead(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
