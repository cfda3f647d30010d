import pc from 'picocolors';
import { printable } from '../../domain/text/printable.js';
import { type Hide, hideIn } from '../../orchestration/program/secrets.js';
import { hidePassword } from '../../storage/settings/secrets.js';

/** Where a command's words go: people's to stdout, with --json to stderr, so that stdout is JSON and nothing else. */
export interface Talk {
  readonly isJson: boolean;
  /** The stream that `say` writes to. */
  readonly stream: NodeJS.WriteStream;
  say(text: string): void;
  /** Prints what must not be lost: when stdout is closed, it goes to stderr. */
  conclude(text: string): void;
  /** The machine's answer. */
  json(value: unknown): void;
}

/** The talk of one command. */
export function createTalk(isJson: boolean): Talk {
  const stream = isJson ? process.stderr : process.stdout;
  return {
    isJson,
    stream,
    say: (said) => {
      const text = printable(hidePassword(said));
      stream.write(`${stream.isTTY ? colourTags(text) : text}\n`);
    },
    conclude: (said) => {
      const text = printable(hidePassword(said));
      stream.write(`${stream.isTTY ? colourTags(text) : text}\n`, (error) => {
        if (error && stream !== process.stderr) process.stderr.write(`${text}\n`);
      });
    },
    json: (value) => {
      process.stdout.write(`${JSON.stringify(value, hideInString, 2)}\n`);
    },
  };
}

/** The same talk, in which no secret is said: errors of a database may quote anything. */
export function hideSecrets(talk: Talk, hide: Hide): Talk {
  return {
    ...talk,
    say: (text) => talk.say(hide(text)),
    conclude: (text) => talk.conclude(hide(text)),
    json: (value) => talk.json(hideIn(value, hide)),
  };
}

/** In the values, not in the text: that would not be JSON any more. */
function hideInString(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? hidePassword(value) : value;
}

// Nobody reads any more (a closed pipe or terminal): the work continues all the same, and what it did is in the run tables. What is
// lost otherwise becomes an exit code: last-words.ts.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const COLOURS = {
  OK: pc.green,
  FAILED: pc.red,
  SKIPPED: pc.yellow,
  WARNING: pc.yellow,
  INFO: pc.cyan,
  'DRY RUN': pc.cyan,
};

/** Colours the ASCII tags; picocolors honours NO_COLOR. */
function colourTags(text: string): string {
  return text.replace(/\[(OK|FAILED|SKIPPED|WARNING|INFO|DRY RUN)\]/g, (tag, name: keyof typeof COLOURS) =>
    COLOURS[name](tag),
  );
}
