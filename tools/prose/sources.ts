/** The English in sources, taken out by their syntax: comments, help and messages, with the line of each. */
import { type Comment, type Node, parseSync, visitorKeys } from 'oxc-parser';
import type { ProseText } from './text.js';

/** A piece of prose, with the offset where it begins. */
interface Piece {
  start: number;
  text: string;
}

/** Texts for a database, a style sheet or a pattern, and names: what no person reads as a sentence. */
const NO_PROSE =
  /^\s*(select|insert|update|delete|create|drop|alter|with|copy|explain|set|begin|grant|revoke|from|where|join|left join|and|or|order by|group by|union|on|case|lock|truncate|vacuum|do|values|returning|limit|having|comment|fetch)\b|^[^a-z]*$|\b(from|where|join) [a-z_."]+\b.*[=(]|::\w|[{;]\s*[\w-]+:[^;]*;|\bfunction \w+\(|\w (int|text|timestamptz|float8)\b[^.]*,[^.]* (int|text|timestamptz|float8)\b|^#!/i;
/** Three words in a row: what is shorter is a name, a key or a part. */
const SENTENCE = /\p{L}{2,} \p{L}+ \p{L}{2,}/u;

/** Syntax that is gone when the program runs. */
const TYPES = /^TS(TypeAnnotation|TypeAliasDeclaration|InterfaceDeclaration|TypeParameter)/;

/** The words of a comment, without its stars and slashes; each line stays a line. */
function wordsOf({ value, type }: Comment): string {
  if (type === 'Line') return value.replace(/^\/?\s?/, '');
  return value
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''))
    .join('\n');
}

/** Comments; lines of `//` below each other are one piece. */
function listComments(comments: readonly Comment[], text: string): Piece[] {
  const pieces: (Piece & { end: number })[] = [];
  for (const comment of comments) {
    const words = wordsOf(comment);
    if (/^\s*(biome-|@ts-|<reference|#)/.test(words)) continue;
    const last = pieces.at(-1);
    const isNext = last !== undefined && /^\n[ \t]*$/.test(text.slice(last.end, comment.start));
    if (comment.type === 'Line' && isNext && text.startsWith('//', last.start)) {
      last.text += `\n${words}`;
      last.end = comment.end;
    } else pieces.push({ start: comment.start, text: words, end: comment.end });
  }
  return pieces;
}

/** Strings, templates and texts of the page that read like sentences; what a template puts in is code there. */
function listMessages(program: Node): Piece[] {
  const pieces: Piece[] = [];
  const enter = (node: Node): void => {
    if (node.type === 'ImportDeclaration' || TYPES.test(node.type)) return;
    if (node.type === 'Literal' && typeof node.value === 'string')
      pieces.push({ start: node.start, text: node.value });
    if (node.type === 'JSXText') pieces.push({ start: node.start, text: node.value });
    if (node.type === 'TemplateLiteral')
      pieces.push({
        start: node.start,
        text: node.quasis.map(({ value }) => value.cooked ?? '').join('`x`'),
      });
    const fields = node as unknown as Record<string, Node | (Node | null)[] | null | undefined>;
    for (const key of visitorKeys[node.type] ?? [])
      for (const child of [fields[key]].flat()) if (child) enter(child);
  };
  enter(program);
  return pieces.filter(({ text }) => SENTENCE.test(text) && !NO_PROSE.test(text));
}

/** All prose of a TypeScript file, each piece a paragraph. Throws when the file does not parse. */
export function proseOfSource(path: string, text: string): ProseText {
  const { program, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const pieces = [...listComments(comments, text), ...listMessages(program)];
  const lines: number[] = [];
  const words: string[] = [];
  for (const piece of pieces.sort((a, b) => a.start - b.start)) {
    const first = text.slice(0, piece.start).split('\n').length;
    for (const [index, line] of piece.text.split('\n').entries()) {
      words.push(line.trim());
      lines.push(first + index);
    }
    words.push('');
    lines.push(first);
  }
  return { path, text: words.join('\n'), lines };
}
