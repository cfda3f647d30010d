/** Processor time of processes, as /proc counts it. */
import { readFileSync } from 'node:fs';

/** The unit of times in /proc (USER_HZ, the same on every architecture that Node runs on). */
const TICK_MS = 10;

/** Where `cutime` and `cstime` are in /proc/PID/stat after the name in parentheses: the 16th and 17th field of all (proc(5)). */
const CHILDREN = 13;

/**
 * Milliseconds that the children of a process have computed which have ended by now, those below them included; NaN where
 * /proc does not tell.
 */
export function endedChildrenMs(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[CHILDREN]) + Number(fields[CHILDREN + 1])) * TICK_MS;
  } catch {
    return Number.NaN;
  }
}
