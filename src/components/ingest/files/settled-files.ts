import type { FoundFile } from './list-files.js';

interface KnownFile {
  readonly file: FoundFile;
  /** When it was first seen like this. */
  readonly sinceMs: number;
  isDone: boolean;
}

/** Which files of a folder that is looked into again and again are to be read now. */
export interface SettledFiles {
  /**
   * Takes what a look has found, at `nowMs`, and gives the files that have not changed for the settling time and are not
   * done with, in the order of the look. What is not there any more is forgotten.
   */
  look(found: readonly FoundFile[], nowMs: number): FoundFile[];
  /** Done with this file as it was, well or badly: it comes again only when it changes. */
  finish(file: FoundFile): void;
}

/**
 * A file that is being written grows or gets a new time between two looks; one that has not for `settleMs` is complete.
 * No list of changes is kept, so nothing is lost when the operating system drops a notice, and network drives work.
 */
export function createSettledFiles(settleMs: number): SettledFiles {
  let known = new Map<string, KnownFile>();
  return {
    look(found, nowMs) {
      known = new Map(
        found.map((file) => {
          const before = known.get(file.path);
          const isSame = before !== undefined && isUnchanged(before.file, file);
          return [file.path, isSame ? before : { file, sinceMs: nowMs, isDone: false }];
        }),
      );
      return [...known.values()]
        .filter(({ sinceMs, isDone }) => !isDone && nowMs - sinceMs >= settleMs)
        .map(({ file }) => file);
    },
    finish(file) {
      const entry = known.get(file.path);
      if (entry !== undefined && isUnchanged(entry.file, file)) entry.isDone = true;
    },
  };
}

function isUnchanged(a: FoundFile, b: FoundFile): boolean {
  return a.bytes === b.bytes && a.modifiedMs === b.modifiedMs;
}
