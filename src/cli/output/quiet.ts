import type { Progress } from './progress.js';

export interface QuietProgress extends Progress {
  /** Warnings that were said meanwhile, to come out if the run is not good. */
  readonly warnings: readonly string[];
}

/** --quiet: nothing is said during a run. */
export function createQuietProgress(): QuietProgress {
  const warnings: string[] = [];
  return {
    warnings,
    close() {},
    say(text) {
      if (text.startsWith('[WARNING]')) warnings.push(text);
    },
    event(component, event) {
      if (event.type === 'message' && event.level === 'warning')
        warnings.push(`[WARNING] ${component}: ${event.text}`);
    },
  };
}
