/** What was sent, in a file beside the logs: the database may be what is down. */
import { closeSync, constants, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { findPrivateFolder, openPrivateFolder } from '../../storage/settings/private-folder.js';
import { LOG_DIRECTORY } from '../logs/log-file.js';
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
    text = readPrivate(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const warning = `${path} cannot be read (${code ?? message}): an alert may be repeated before its time`;
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
  const folder = openPrivateFolder(dirname(path));
  const beside = folder.at(`${basename(path)}.${process.pid}.part`);
  try {
    rmSync(beside, { force: true });
    writeFileSync(beside, `${JSON.stringify({ version: 1, entries: kept }, null, 1)}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
    renameSync(beside, folder.at(basename(path)));
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    folder.close();
  }
}

/** Throws with the code ENOENT when there is no such file. */
function readPrivate(path: string): string {
  const folder = findPrivateFolder(dirname(path));
  if (folder === null) throw Object.assign(new Error(`there is no ${path}`), { code: 'ENOENT' });
  try {
    const descriptor = folder.open(basename(path), constants.O_RDONLY);
    try {
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } finally {
    folder.close();
  }
}
