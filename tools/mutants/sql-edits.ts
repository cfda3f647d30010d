/** Edits of SQL text: of the statements in src/storage, and of views, functions and triggers of the migrations. */
import type { Edit } from './mutant.js';

interface SqlRule {
  operator: string;
  pattern: RegExp;
  replacement: (match: RegExpExecArray) => string;
}

const swap = (operator: string, pattern: RegExp, pairs: Readonly<Record<string, string>>): SqlRule => ({
  operator,
  pattern,
  replacement: ([found]) => pairs[found.toLowerCase()] ?? found,
});

const RULES: readonly SqlRule[] = [
  swap('comparison', /(?<=\s)(?:<=|>=|<|>)(?=\s)/g, { '<=': '<', '>=': '>', '<': '<=', '>': '>=' }),
  swap('comparison turned', /(?<=\s)(?:<=|>=|<|>)(?=\s)/g, { '<=': '>', '>=': '<', '<': '>=', '>': '<=' }),
  swap('null', /\bis null\b|\bis not null\b/gi, { 'is null': 'is not null', 'is not null': 'is null' }),
  swap('extreme', /\b(?:min|max|greatest|least)(?=\()/gi, {
    min: 'max',
    max: 'min',
    greatest: 'least',
    least: 'greatest',
  }),
  swap('order', /\bdesc\b/gi, { desc: 'asc' }),
  swap('join', /\bleft join\b/gi, { 'left join': 'join' }),
  swap('distinct', /\bdistinct (?!on\b|from\b)/gi, { 'distinct ': '' }),
  swap('sum', /(?<=[\w)] )[+-](?= [\w(])/g, { '+': '-', '-': '+' }),
  swap('product', /(?<=[\w)] )[*/](?= [\w(])/g, { '*': '/', '/': '*' }),
  swap('or', /\bor\b(?! replace)/gi, { or: 'and' }),
  swap('exists', /\bnot exists\b|(?<!not |if )\bexists\b/gi, {
    'not exists': 'exists',
    exists: 'not exists',
  }),
  swap('truth', /\b(?:true|false)\b/gi, { true: 'false', false: 'true' }),
  swap('equality', /(?<=\b(?:where|and|on|when) [\w.]+ )=(?= )/gi, { '=': '<>' }),
  swap('bool', /\bbool_(?:and|or)\b/gi, { bool_and: 'bool_or', bool_or: 'bool_and' }),
  // A whole condition that stands on a line of its own.
  { operator: 'condition removed', pattern: /(?<=\n)[ \t]*and [^\n]+(?=\n)/gi, replacement: () => '' },
];

/** Where comments and quoted texts are: nothing in them is code. Bodies of functions between $$ are. */
const NOT_CODE = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g;

/** Edits of a piece of SQL; offsets are within the piece. */
export function editsOfSql(sql: string): Edit[] {
  const code = sql.replaceAll(NOT_CODE, (text) => text.replaceAll(/[^\n]/g, '~'));
  return RULES.flatMap(({ operator, pattern, replacement }) =>
    [...code.matchAll(pattern)].flatMap((match) => {
      const end = match.index + match[0].length;
      const isWhole = isBalanced(match[0]) && !match[0].includes('~');
      const edit = { start: match.index, end, replacement: replacement(match), operator };
      return isWhole && edit.replacement !== sql.slice(edit.start, end) ? [edit] : [];
    }),
  );
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const letter of text) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** A view, function or trigger as the last migration that defines it has it. */
export interface SqlObject {
  name: string;
  file: string;
  start: number;
  end: number;
}

const DEFINITION =
  /^create (?:or replace )?(?:view|function|procedure) (?:if not exists )?(\w+)|^drop (?:view|function|procedure) (?:if exists )?(\w+)/gim;

/** Those that are in force after all migrations, which are given in their order. */
export function objectsInForce(migrations: readonly { file: string; text: string }[]): SqlObject[] {
  const found = new Map<string, SqlObject>();
  for (const { file, text } of migrations)
    for (const match of text.matchAll(DEFINITION)) {
      const [, created, dropped] = match;
      if (dropped !== undefined) found.delete(dropped);
      if (created === undefined) continue;
      found.set(created, { name: created, file, start: match.index, end: endOfStatement(text, match.index) });
    }
  return [...found.values()];
}

/** After the semicolon that ends the statement: one between $$ is not it. */
function endOfStatement(text: string, start: number): number {
  let isInBody = false;
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith('$$', at)) {
      isInBody = !isInBody;
      at += 1;
    } else if (text[at] === ';' && !isInBody) return at + 1;
  }
  return text.length;
}
