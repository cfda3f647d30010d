/** Lines of at most 120 columns: what fits beside other things on a screen, and in a comparison of two versions. */
import { blankFences, type Finding, type ProseText } from './text.js';

const LONGEST_LINE = 120;
/** A row of a table, a picture, and an item that is a single link. */
const MAY_BE_LONGER = /^\s*(\||!\[|- \[[^\]]*\]\([^)]*\)$)/;

/**
 * Lines that are too long. Rows of tables, pictures and single links cannot be divided, and output is as it was printed:
 * they may be longer.
 */
export function checkLines({ path, text, lines }: ProseText): Finding[] {
  return blankFences(text, ['sh', 'sql', 'ts', 'json'])
    .split('\n')
    .flatMap((line, index) => {
      const columns = line.trimEnd().length;
      if (columns <= LONGEST_LINE || MAY_BE_LONGER.test(line)) return [];
      return [
        { path, line: lines[index] ?? 0, message: `long line: ${columns} columns, at most ${LONGEST_LINE}` },
      ];
    });
}
