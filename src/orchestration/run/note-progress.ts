import { advanceProgress, noProgress } from '../../domain/planning/progress.js';
import { writeRunProgress } from '../../storage/runs/progress.js';
import type { Database } from '../../storage/session/database.js';
import type { RunListener } from '../report/run-scope.js';

/** Often enough to look on, and never in a run that has nothing to do. */
const EVERY_MS = 1_000;

/**
 * Passes events on to `listener` and notes in the row of the run how far it has come, about once a second. A note that cannot
 * be written is left out: nothing depends on it.
 */
export function noteProgress(
  database: Database,
  run: string,
  listener: RunListener,
): { listener: RunListener; close(): void } {
  let progress = noProgress(new Date().toISOString());
  let written = progress;
  let isWriting = false;
  const write = async () => {
    if (isWriting || progress === written) return;
    isWriting = true;
    written = progress;
    await writeRunProgress(database, run, { ...progress, at: new Date().toISOString() }).catch(() => {});
    isWriting = false;
  };
  const timer = setInterval(() => void write(), EVERY_MS).unref();
  return {
    listener: {
      say: (text, whole) => listener.say(text, whole),
      event(component, event) {
        progress = advanceProgress(progress, component, { event, at: new Date().toISOString() });
        // The first outcome at once: a run that is killed in its first second is known to have written.
        if (written.stages.length === 0 && event.type === 'asset_finished') void write();
        listener.event(component, event);
      },
    },
    close: () => clearInterval(timer),
  };
}
