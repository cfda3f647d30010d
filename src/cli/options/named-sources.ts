/** The section "sources" of barwright.config.json, and what --source means beside it. */
import { expectationsOf, formatSourceText, parseSourceText } from '../../domain/source/description.js';
import type { Expectations } from '../../domain/source/expectation.js';

let section: Readonly<Record<string, unknown>> = {};

/** Keeps what the file says; `sources` are descriptions by name as they stand there. Throws UsageError on one that is wrong. */
export function configureSources(sources: Readonly<Record<string, unknown>>): string {
  const text = formatSourceText(sources, true);
  parseSourceText(text);
  section = sources;
  return text;
}

/** What the file says, as --source takes it; null: it describes nothing. */
export function configuredSourceText(): string | null {
  return Object.keys(section).length === 0 ? null : formatSourceText(section, true);
}

/** What the file says of when prices of sources are expected. */
export function configuredExpectations(): Expectations {
  return expectationsOf(configuredSourceText());
}

/** What --source was given: a name from the file stands for its description alone. Throws UsageError on a description that is wrong. */
export function readSourceOption(text: string): string {
  if (Object.hasOwn(section, text)) return formatSourceText({ [text]: section[text] }, false);
  parseSourceText(text);
  return text;
}
