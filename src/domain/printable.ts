/** Everything but line ends and tabs that a terminal would obey instead of showing. */
const OBEYED = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** The text with control characters spelt out: names and typed words may hold anything, and end in logs and terminals. */
export function printable(text: string): string {
  return text.replace(OBEYED, (character) => {
    if (character === '\n' || character === '\t') return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
