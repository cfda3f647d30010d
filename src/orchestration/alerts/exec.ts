/** Alerts by a command of the user's: the text on its stdin, the facts as JSON in BARWRIGHT_ALERT. */
import { spawn } from 'node:child_process';
import type { Attempt, Channel } from './channel.js';
import type { AlertMessage } from './message.js';

const WAIT_MS = 30_000;
/** A variable of the environment has a limit (128 KB on Linux). */
const MAX_FACTS = 100_000;

/** The channel for a command line, which a shell runs. */
export function execChannel(command: string): Channel {
  return { name: 'the alert command', send: (message, signal) => run(command, message, signal) };
}

function run(command: string, message: AlertMessage, signal: AbortSignal): Promise<Attempt> {
  const facts = JSON.stringify(message.facts);
  const { BARWRIGHT_ARGUMENTS: _arguments, BARWRIGHT_CHILD: _child, ...env } = process.env;
  return new Promise((resolve) => {
    const child = spawn(command, {
      ...{
        shell: true,
        stdio: ['pipe', 'ignore', 'ignore'],
        timeout: WAIT_MS,
        killSignal: 'SIGKILL',
        signal,
      },
      env: { ...env, BARWRIGHT_ALERT: facts.length > MAX_FACTS ? '{}' : facts },
    });
    child.once('error', (error) =>
      resolve(failed(`it could not be run (${(error as NodeJS.ErrnoException).code})`)),
    );
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve({ isDelivered: true });
      else resolve(failed(code === null ? `it was ended by ${killedBy}` : `it ended with ${code}`));
    });
    // A command that reads nothing closes the pipe early.
    child.stdin?.on('error', () => {});
    child.stdin?.end(`${message.text}\n`);
  });
}

/** It is not tried again: a second try could do harm that barwright cannot know. */
function failed(why: string): Attempt {
  return { isDelivered: false, why, isFinal: true, askedPauseMs: null };
}
