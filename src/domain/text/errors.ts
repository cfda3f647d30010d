import { joinLines } from './printable.js';

/** What the user typed or configured cannot be understood: exit 2, one sentence, no stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** The sentence quotes what was found, which may have lines of its own: it stays one line. `help` follows in lines as they are. */
  constructor(sentence: string, { help, ...options }: ErrorOptions & { help?: string } = {}) {
    super(joinLines(sentence) + (help === undefined ? '' : `\n${help}`), options);
  }
}
