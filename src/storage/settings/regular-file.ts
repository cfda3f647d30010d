/** Files that are read to their end: pipes and devices, whose end may never come, are refused. */
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { UsageError } from '../../domain/text/errors.js';

/** What a process was handed already open: standard input, and what a shell makes of `<(command)`. */
const HANDED_OVER = /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/(?:self|\d+)\/fd\/\d+)$/;

/**
 * Opens a file to read it to its end. Throws UsageError for a named pipe or a device, which would keep us waiting. What the
 * process was handed over open is read whatever it is, by a name such as /dev/stdin.
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  if (HANDED_OVER.test(path)) return open(path);
  // Looked at before it is opened, since opening a device can do something; and after, since it may be another by then.
  refuseOther(path, await stat(path));
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    refuseOther(path, await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Folders are left to who reads them: the system's own error is clear. */
function refuseOther(path: string, found: { isFile(): boolean; isDirectory(): boolean }): void {
  if (found.isFile() || found.isDirectory()) return;
  throw new UsageError(
    `cannot read ${path}: it is a named pipe or a device, expected a file (what a command prints can be given as /dev/stdin)`,
  );
}
