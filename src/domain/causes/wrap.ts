/** Lines that fit a terminal. */

/** Characters that take two columns: East Asian scripts and most pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{3fffd}]/u;

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}

/** The text in lines of at most so many columns, broken at blanks where there are any; lines after the first are indented. */
export function wrapLine(text: string, columns: number, indent = '    '): string[] {
  const [, lead = '', words = ''] = /^( *)(|[^ ].*)$/s.exec(text) ?? [];
  const lines: string[] = [];
  let line = lead;
  let isEmpty = true;
  const push = () => {
    lines.push(withoutBlanks(line));
    line = indent;
    isEmpty = true;
  };
  for (const word of words.split(' ')) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > columns) push();
    if (!isEmpty) line += ' ';
    isEmpty = false;
    for (const character of word) {
      if (widthOf(line) + widthOf(character) > columns) {
        push();
        isEmpty = false;
      }
      line += character;
    }
  }
  if (!isEmpty) lines.push(withoutBlanks(line));
  return lines;
}

/** Blanks at the end go; another kind of space is a character of the text. */
function withoutBlanks(line: string): string {
  let end = line.length;
  while (line[end - 1] === ' ') end -= 1;
  return line.slice(0, end);
}
