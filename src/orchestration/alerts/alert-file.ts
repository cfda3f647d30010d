/** What was told, beside the logs: the database may be what is down. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../telling/folder.js';
import { LOG_DIRECTORY } from '../telling/log-file.js';
import { ALERT_KINDS } from './causes.js';
import type { AlertEntry } from './decide.js';

const ALERT_FILE = join(LOG_DIRECTORY, 'alerts.json');
/** What has ended, and runs that died, are forgotten after this time. */
const KEPT_MS = 30 * 86_400_000;

const schema = z.object({
  version: z.literal(1),
  entries: z.array(
    z.object({
      warehouse: z.string(),
      key: z.string(),
      kind: z.enum(ALERT_KINDS),
      component: z.string().nullable(),
      ids: z.array(z.int()),
      words: z.string(),
      isOpen: z.boolean(),
      isTold: z.boolean(),
      firstSeenMs: z.number(),
      lastSeenMs: z.number(),
      lastSentMs: z.number().nullable(),
    }),
  ),
});

/** Reads the file; a damaged one counts as empty, with a warning. */
export function readAlertFile(path: string = ALERT_FILE): { entries: AlertEntry[]; warning: string | null } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const warning = `${path} cannot be read (${code}): an alert may be repeated before its time`;
    return { entries: [], warning: code === 'ENOENT' ? null : warning };
  }
  try {
    return { entries: schema.parse(JSON.parse(text)).entries, warning: null };
  } catch {
    return {
      entries: [],
      warning: `${path} is damaged and was ignored: an alert may be repeated before its time`,
    };
  }
}

/** Replaces the file, whole or not at all. Throws when that is not possible. */
export function writeAlertFile(
  entries: readonly AlertEntry[],
  nowMs: number,
  path: string = ALERT_FILE,
): void {
  const kept = entries.filter(
    ({ isOpen, kind, lastSeenMs }) => (isOpen && kind !== 'death') || nowMs - lastSeenMs < KEPT_MS,
  );
  makeFolder(dirname(path));
  const beside = `${path}.${process.pid}.part`;
  try {
    writeFileSync(beside, `${JSON.stringify({ version: 1, entries: kept }, null, 1)}\n`);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
