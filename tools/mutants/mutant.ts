/** What a mutant is: one small change of the program's text that some test should notice. */

export const MUTATED = ['domain', 'storage', 'components', 'orchestration', 'cli', 'web', 'sql'] as const;
export type MutatedLayer = (typeof MUTATED)[number];

/** A change of one place of a file. */
export interface Edit {
  start: number;
  end: number;
  replacement: string;
  /** What kind of change it is: "comparison", "statement removed". */
  operator: string;
}

export interface Mutant extends Edit {
  layer: MutatedLayer;
  /** From the root of the checkout. */
  file: string;
  line: number;
  original: string;
  /** The line of the file, without blanks around it: equivalents are known by it, so that lines may move. */
  text: string;
  /** Of SQL: the view, function or trigger that it changes. */
  object: string | null;
}

/** An edit of a text with the place that people look for. */
export function placeEdit(text: string, edit: Edit): Pick<Mutant, 'line' | 'original' | 'text'> {
  const line = text.slice(0, edit.start).split('\n').length;
  return {
    line,
    original: text.slice(edit.start, edit.end),
    text: text.split('\n')[line - 1]?.trim() ?? '',
  };
}

/** One line for people. */
export function describeMutant({ file, line, original, replacement, operator }: Mutant): string {
  const short = (text: string) => JSON.stringify(text.replaceAll(/\s+/g, ' ').slice(0, 60));
  return `${file}:${line} ${operator}: ${short(original)} becomes ${short(replacement)}`;
}
