/** Texts to check, and what is found in them. */

/** A text with where each of its lines is. */
export interface ProseText {
  /** From the root of the checkout. */
  path: string;
  /** Markdown. */
  text: string;
  /** For each line of the text, the line of the file that it comes from, from 1. */
  lines: readonly number[];
}

/** Something that is wrong with a text. */
export interface Finding {
  path: string;
  /** From 1. */
  line: number;
  message: string;
}

/** A Markdown file as it is: its lines are those of the file. */
export function proseOfMarkdown(path: string, text: string): ProseText {
  return { path, text, lines: text.split('\n').map((_, index) => index + 1) };
}

/** `path:line message`, as compilers say it. */
export function formatFinding({ path, line, message }: Finding): string {
  return `${path}:${line} ${message}`;
}

const blank = (part: string): string => part.replaceAll(/[^\n]/g, ' ');

/** Markdown with blanks where fenced blocks are, but not those of the languages in `kept`. As long as the text. */
export function blankFences(text: string, kept: readonly string[] = []): string {
  return text.replaceAll(/^( *)(`{3,}|~{3,})[\s\S]*?^\1\2.*$/gm, (block) =>
    kept.includes(/^\W*(\w*)/.exec(block)?.[1] ?? '') ? block : blank(block),
  );
}

/**
 * Markdown with blanks where it is not prose: fenced blocks, code, targets of links, addresses, HTML. Of the same length,
 * so that an offset in it is one in the text.
 */
export function blankCode(text: string): string {
  return blankFences(text)
    .replaceAll(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, blank)
    .replaceAll(/<!--[\s\S]*?-->/g, blank)
    .replaceAll(/\]\([^)\s]*\)/g, blank)
    .replaceAll(/<\/?[a-z][^>]*>/gi, blank)
    .replaceAll(/\bhttps?:\/\/[^\s)]*/g, blank);
}
