import { type InterruptSignal, SIGNAL_EXIT_CODES } from '../../orchestration/processes/signals.js';

/** One and the same signal may come several times: from a terminal to the whole group, and handed on by npm. */
const SAME_SIGNAL_MS = 250;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into an abort with the signal's name as its reason, so that the assets in progress are
 * finished or rolled back and the summary is still written. A second one ends the process at once, but not a child: its
 * parent and its process group may both hand on one and the same signal, and it ends when its parent does.
 */
export function catchInterrupts({ isChild = false } = {}): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const names = Object.keys(SIGNAL_EXIT_CODES) as InterruptSignal[];
  let firstMs = 0;
  const handle = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      firstMs = performance.now();
      controller.abort(name);
    } else if (!isChild && performance.now() - firstMs > SAME_SIGNAL_MS) {
      process.exit(SIGNAL_EXIT_CODES[name as InterruptSignal]);
    }
  };
  for (const name of names) process.on(name, handle);
  return {
    signal: controller.signal,
    release() {
      for (const name of names) process.off(name, handle);
    },
  };
}
