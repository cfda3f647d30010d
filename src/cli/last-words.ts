/**
 * What a process says when it cannot say or do anything else: an output stream that is lost, an uncaught error.
 * It imports nothing, so that it works where nothing can be loaded.
 */
import { writeSync } from 'node:fs';

/** Done, but what the command had to say did not arrive. */
const OUTPUT_LOST = 5;
/** Codes that would look as if all output had arrived: the others already say that something is wrong. */
const QUIET_CODES: readonly (number | string | null | undefined)[] = [0, 3, null, undefined];
const NO_FILES = /\bEMFILE\b|too many open files/i;
/** Nobody reads on: that was the reader's own wish. */
const READER_GONE: readonly (string | undefined)[] = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

/**
 * From now on a stream that takes no more (a full disk) makes the exit code 5, where it would be 0 or 3, with a sentence on
 * stderr. A reader that has gone (`| head`, a closed terminal) does not: the work continues, and its end is recorded.
 */
export function watchOutput(): void {
  const lost = new Map<string, string>();
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const isGone = READER_GONE.includes(error.code) || (error.code === 'EIO' && stream.isTTY);
      if (!isGone) lost.set(name, error.message);
    });
  }
  process.on('exit', (code) => {
    if (lost.size === 0) return;
    for (const [name, why] of lost)
      say(`[FAILED] ${name} could not be written (${why}): what was said there is lost`);
    if (QUIET_CODES.includes(code)) process.exitCode = OUTPUT_LOST;
  });
}

/** From now on an uncaught error ends the process with one line instead of a stack, unless another handler is set. */
export function watchCrashes(): void {
  process.on('uncaughtException', (error: unknown) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    sayCrash(error);
    process.exit(1);
  });
}

/** One line for an error that ends the process. */
export function sayCrash(error: unknown): void {
  const { message } = (error ?? {}) as NodeJS.ErrnoException;
  const words = (message ?? String(error)).replaceAll(/\s+/g, ' ');
  const advice = NO_FILES.test(words)
    ? '; this process may not open more files: raise its limit ("ulimit -n")'
    : '';
  say(`[FAILED] barwright crashed: ${hideUrls(words)}${advice}`);
}

/** The module that knows every secret may be what could not be loaded. */
function hideUrls(text: string): string {
  return text.replaceAll(/:\/\/[^\s@/]{1,500}@/g, '://***@');
}

function say(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // No stream is left to write to.
  }
}
