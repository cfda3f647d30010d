import { setTimeout as wait } from 'node:timers/promises';
import { type FoundFile, findPriceFiles } from '../../components/ingest/files/list-files.js';
import { createSettledFiles } from '../../components/ingest/files/settled-files.js';
import { UsageError } from '../../domain/text/errors.js';
import { classifyFailure, describeFailure } from '../../storage/failures/failures.js';
import type { Talk } from '../output/messages.js';

const LOOK_MS = 1_000;
/** Unchanged for so long, a file is complete. */
const SETTLE_MS = 2_000;
/** The pause grows up to this while the database is away. */
const LONGEST_PAUSE_MS = 60_000;

export interface WatchOptions {
  folders: readonly string[];
  talk: Talk;
  /** Its abort ends the watch: the open file is rolled back. */
  signal: AbortSignal;
  /** Reads one file. What it throws is judged here. */
  ingest(path: string): Promise<void>;
}

/**
 * Reads the price files of folders, and every one that is added or changed from then on, until it is stopped. A file
 * that cannot be taken is said and left until it changes; a database that is away is waited for. Throws what would meet
 * every file, and UsageError for a folder that is not there at the beginning.
 */
export async function watchFolders({ folders, talk, signal, ingest }: WatchOptions): Promise<void> {
  for (const folder of folders) await findPriceFiles(folder);
  const files = createSettledFiles(SETTLE_MS);
  const look = createLook(folders, talk);
  let pauseMs = LOOK_MS;
  while (!signal.aborted) {
    let isAway = false;
    for (const file of files.look(await look(), performance.now())) {
      const end = await takeFile(file, { talk, signal, ingest });
      isAway = end === 'away';
      if (signal.aborted || isAway) break;
      files.finish(file);
    }
    pauseMs = isAway ? Math.min(pauseMs * 2, LONGEST_PAUSE_MS) : LOOK_MS;
    await wait(pauseMs, undefined, { signal }).catch(() => {});
  }
}

async function takeFile(
  { path }: FoundFile,
  { talk, signal, ingest }: Omit<WatchOptions, 'folders'>,
): Promise<'done' | 'away'> {
  try {
    await ingest(path);
    return 'done';
  } catch (error) {
    if (signal.aborted) return 'done';
    const kind = error instanceof UsageError ? 'isolate' : classifyFailure(error);
    if (kind === 'stop') throw error;
    const words = describeFailure(error);
    if (kind === 'isolate') talk.say(`[FAILED] left until it changes: ${words}`);
    else talk.say(`[WARNING] ${path} waits: ${words}`);
    return kind === 'isolate' ? 'done' : 'away';
  }
}

/** Looks into all folders. One that is away (a drive that is not mounted) is said once and looked for again. */
function createLook(folders: readonly string[], talk: Talk): () => Promise<FoundFile[]> {
  const away = new Set<string>();
  return async () => {
    const lists: FoundFile[][] = [];
    for (const folder of folders) {
      try {
        lists.push(await findPriceFiles(folder));
        if (away.delete(folder)) talk.say(`[INFO] the folder ${folder} is back`);
      } catch (error) {
        if (!away.has(folder)) talk.say(`[WARNING] ${(error as Error).message}; it is looked for again`);
        away.add(folder);
      }
    }
    return lists.flat().toSorted((a, b) => a.modifiedMs - b.modifiedMs);
  };
}
