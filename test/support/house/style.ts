/** Rules about how a file is written. */
import type { Function as FunctionNode, Node } from 'oxc-parser';
import { findNodes, isProduct, lineOf, type Rule, type SourceFile, textOf } from './source-file.js';

const MAX_FUNCTION_LINES = 70;
const MAX_FILE_LINES = 300;
const MAX_POSITIONAL = 3;

/** What a pure room does not see: the clock, chance, the environment, the outside. */
const OUTSIDE =
  /^(process|console|performance|fetch|Buffer|crypto|globalThis|setTimeout|setInterval|setImmediate)$/;
const OUTSIDE_MEMBERS = ['Date.now', 'Math.random'];

/** How a statement begins; prose that begins with one of these verbs continues differently. */
const STATEMENT = new RegExp(
  [
    String.raw`^\s*(select\s+(distinct\s+)?([\w.*"$]+\s*(,|::|\bas\b|\bfrom\b|$)|\w+\()`,
    String.raw`insert\s+into\s`,
    String.raw`update\s+[\w."$]+\s+(as\s+\w+\s+)?set\s`,
    String.raw`delete\s+from\s+[\w."$]+\s*($|;|(as\s+)?\w*\s*(where|using|returning)\b)`,
    String.raw`truncate\s+(table\s+)?[\w."$]+\s*$`,
    String.raw`copy\s+([\w."$]+\s*\(|\(|[\w."$]+\s+(from|to)\s)`,
    String.raw`with\s+\w+\s+as\s*\(`,
    String.raw`(create|alter|drop)\s+(or\s+replace\s+)?(temp|table|view|schema|index|function|type|database|role)\b`,
    String.raw`set\s+local\s|vacuum\b|lock\s+table\b|begin\s*;|commit\s*;)`,
  ].join('|'),
  'i',
);
const QUERY_METHODS = ['query', 'execute', 'copyIn', 'copyOut'];
const LOUD_SQL = /\b(SELECT|FROM|WHERE|INSERT|UPDATE|DELETE|JOIN|VALUES|ORDER BY|GROUP BY)\b/;

const STORAGE_VERBS = /^(read|list|find|upsert|write|delete)(?![a-z])/;
/** Not access to rows of a table: the schema itself, the fence of the lease, a check before any write. */
const INFRASTRUCTURE = ['migrate', 'checkSchema', 'holdLease', 'checkPricesWritable'];

// Written so that this file does not contain them.
/** The attribute of a field in HTML is none. */
const UNFINISHED = /\b(TO[D]O|FIX[M]E|X[X]X|stu[b]s?|place[h]olders?(?!=)|not (yet )?implem[e]nted)\b/i;

type AnyFunction = FunctionNode | Extract<Node, { type: 'ArrowFunctionExpression' }>;

function isFunction(node: Node): node is AnyFunction {
  return ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type);
}

function isOptions(node: Node | undefined): boolean {
  const target = node?.type === 'AssignmentPattern' ? node.left : node;
  return (
    target?.type === 'ObjectPattern' || (target?.type === 'Identifier' && target.name.endsWith('ptions'))
  );
}

/** `Date.now` of a member access between two names. */
function memberName(node: Node): string | null {
  if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier') return null;
  return node.property.type === 'Identifier' ? `${node.object.name}.${node.property.name}` : null;
}

function isPropertyName(node: Node, parent: Node | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed;
  return (parent?.type === 'Property' || parent?.type === 'TSPropertySignature') && parent.key === node;
}

function impurityOf(node: Node, ancestors: readonly Node[]): string | null {
  const member = memberName(node);
  if (member !== null && OUTSIDE_MEMBERS.includes(member)) return `reads ${member}: make it an argument`;
  if (node.type === 'NewExpression' && node.callee.type === 'Identifier' && node.callee.name === 'Date')
    return node.arguments.length === 0 ? 'reads the clock: make now an argument' : null;
  if (node.type === 'Identifier' && OUTSIDE.test(node.name) && !isPropertyName(node, ancestors.at(-1)))
    return `uses ${node.name}: domain knows nothing outside itself`;
  return null;
}

/** Names of exported functions that take a transaction or a database, in a file of storage. */
function databaseFunctions(file: SourceFile): { name: string; node: Node }[] {
  return file.program.body.flatMap((statement) => {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null;
    if (declared?.type !== 'FunctionDeclaration') return [];
    const takesDatabase = declared.params.some((param) =>
      /:\s*(Tx|Database)\b/.test(file.text.slice(param.start, param.end)),
    );
    return takesDatabase ? [{ name: declared.id?.name ?? '', node: statement as Node }] : [];
  });
}

function isDocumented(file: SourceFile, node: Node): boolean {
  return file.comments.some(
    (comment) =>
      comment.type === 'Block' &&
      comment.value.startsWith('*') &&
      comment.end <= node.start &&
      file.text.slice(comment.end, node.start).trim() === '',
  );
}

function inRoom(files: readonly SourceFile[], room: string): SourceFile[] {
  return files.filter((file) => isProduct(file) && file.path.startsWith(`src/${room}/`));
}

function exceptTests(files: readonly SourceFile[]): SourceFile[] {
  return files.filter(({ path }) => !path.endsWith('.test.ts'));
}

export const SIZE_RULES: readonly Rule[] = [
  {
    name: `a function has at most ${MAX_FUNCTION_LINES} lines`,
    check: (files) =>
      // What a test hands to describe() is a chapter.
      findNodes(exceptTests(files), (node, file) => {
        if (!isFunction(node)) return null;
        const lines = lineOf(file, node.end) - lineOf(file, node.start) + 1;
        return lines > MAX_FUNCTION_LINES ? `is a function of ${lines} lines` : null;
      }),
  },
  {
    name: `a file has at most ${MAX_FILE_LINES} lines`,
    check: (files) =>
      files.flatMap((file) => {
        const lines = file.text.trimEnd().split('\n').length;
        return lines > MAX_FILE_LINES ? [`${file.path}:${lines} is too long a file`] : [];
      }),
  },
  {
    name: `a function has at most ${MAX_POSITIONAL} positional parameters, then an options object`,
    check: (files) =>
      // test.each hands its rows over by position.
      findNodes(exceptTests(files), (node) => {
        if (!isFunction(node)) return null;
        const positional = node.params.length - (isOptions(node.params.at(-1)) ? 1 : 0);
        return positional > MAX_POSITIONAL ? `takes ${positional} positional parameters` : null;
      }),
  },
  {
    name: 'file names are kebab-case',
    check: (files) =>
      files
        .filter(({ path }) => !/(^|\/)[a-z0-9]+(-[a-z0-9]+)*(\.test|\.config)?\.(tsx?|mjs)$/.test(path))
        .map(({ path }) => `${path}:1 is not named in kebab-case`),
  },
];

export const STYLE_RULES: readonly Rule[] = [
  {
    name: 'no any, no non-null assertion',
    check: (files) =>
      findNodes(files, ({ type }) => {
        if (type === 'TSAnyKeyword') return 'says any';
        return type === 'TSNonNullExpression' ? 'asserts with ! what it could check' : null;
      }),
  },
  {
    name: 'domain sees no clock, no chance, no environment',
    check: (files) =>
      findNodes(inRoom(files, 'domain'), (node, _file, ancestors) => impurityOf(node, ancestors)),
  },
  {
    name: 'SQL is in storage only',
    check: (files) =>
      findNodes(
        files.filter((file) => isProduct(file) && !file.path.startsWith('src/storage/')),
        (node) => {
          const text = textOf(node);
          if (text !== null && STATEMENT.test(text)) return `has a statement: ${text.trim().slice(0, 40)}`;
          if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null;
          const { property } = node.callee;
          const isQuery = property.type === 'Identifier' && QUERY_METHODS.includes(property.name);
          return isQuery ? 'talks to the database: let a function of storage do it' : null;
        },
      ),
  },
  {
    name: 'SQL is written in lower case',
    check: (files) =>
      findNodes(inRoom(files, 'storage'), (node) => {
        const text = textOf(node);
        return text !== null && STATEMENT.test(text) && LOUD_SQL.test(text) ? 'has SQL in capitals' : null;
      }),
  },
  {
    name: 'storage functions begin with read, list, find, upsert, write or delete',
    check: (files) =>
      inRoom(files, 'storage').flatMap((file) =>
        databaseFunctions(file)
          .filter(({ name }) => !STORAGE_VERBS.test(name) && !INFRASTRUCTURE.includes(name))
          .map(
            ({ name, node }) => `${file.path}:${lineOf(file, node.start)} ${name} begins with another verb`,
          ),
      ),
  },
  {
    name: 'exported functions have a doc comment',
    check: (files) =>
      findNodes(files.filter(isProduct), (node, file) => {
        if (node.type !== 'ExportNamedDeclaration' || node.declaration?.type !== 'FunctionDeclaration')
          return null;
        return isDocumented(file, node) ? null : `exports ${node.declaration.id?.name} without a doc comment`;
      }),
  },
  {
    name: 'nothing is left unfinished',
    check: (files) =>
      files.flatMap((file) =>
        file.text
          .split('\n')
          .flatMap((line, index) =>
            UNFINISHED.test(line) ? [`${file.path}:${index + 1} ${line.trim()}`] : [],
          ),
      ),
  },
  {
    name: 'no test is skipped or runs alone',
    check: (files) =>
      findNodes(
        files.filter(({ path }) => path.endsWith('.test.ts')),
        (node) => {
          const member = memberName(node);
          return /^(test|it|describe|suite)\.(skip|only|to[d]o|fails|skipIf)$/.test(member ?? '')
            ? `${member}: every test runs`
            : null;
        },
      ),
  },
];
