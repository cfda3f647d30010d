/** TypeScript files as syntax trees, for the rules that test/tidy.test.ts holds. */
import { globSync, readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { type Comment, type Node, type Program, parseSync, visitorKeys } from 'oxc-parser';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface SourceFile {
  /** From the root of the checkout, with forward slashes: `src/domain/calendar/day.ts`. */
  path: string;
  text: string;
  program: Program;
  comments: Comment[];
}

/** A rule of the house: its findings are sentences that begin with path and line. */
export interface Rule {
  name: string;
  check: (files: readonly SourceFile[]) => string[];
}

/** Parses one file. Throws when it is not TypeScript. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  return { path, text, program, comments };
}

/** The TypeScript files of the checkout that the patterns name. */
export function readSources(patterns: readonly string[]): SourceFile[] {
  const paths = globSync([...patterns], { cwd: ROOT }).map((path) => path.replaceAll('\\', '/'));
  return paths.sort().map((path) => parseSource(path, readFileSync(resolve(ROOT, path), 'utf8')));
}

/** Part of the program itself, not a test that sits beside it. */
export function isProduct(file: SourceFile): boolean {
  return file.path.startsWith('src/') && !file.path.endsWith('.test.ts');
}

/** Calls `visit` for every node of a file, parents first, with the node's ancestors (nearest last). */
export function walk(file: SourceFile, visit: (node: Node, ancestors: readonly Node[]) => void): void {
  const ancestors: Node[] = [];
  const enter = (node: Node): void => {
    visit(node, ancestors);
    ancestors.push(node);
    const fields = node as unknown as Record<string, Node | (Node | null)[] | null | undefined>;
    for (const key of visitorKeys[node.type] ?? []) {
      for (const child of [fields[key]].flat()) if (child) enter(child);
    }
    ancestors.pop();
  };
  enter(file.program);
}

/** Number of the line that an offset lies on, from 1. */
export function lineOf(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split('\n').length;
}

/** A finding about a node. */
export function finding(file: SourceFile, node: { start: number }, message: string): string {
  return `${file.path}:${lineOf(file, node.start)} ${message}`;
}

/** What the callback finds in each node of each file. */
export function findNodes(
  files: readonly SourceFile[],
  find: (node: Node, file: SourceFile, ancestors: readonly Node[]) => string | null,
): string[] {
  return files.flatMap((file) => {
    const found: string[] = [];
    walk(file, (node, ancestors) => {
      const message = find(node, file, ancestors);
      if (message !== null) found.push(finding(file, node, message));
    });
    return found;
  });
}

export interface Import {
  specifier: string;
  /** Path of the imported file; null for a package or a module of Node. */
  target: string | null;
  /** Not imported but started, as a process or a worker: `new URL('./other.js', import.meta.url)`. */
  isStarted: boolean;
  node: Node;
}

/** The text of a string literal or of a template (holes shown as `$`), null for any other node. */
export function textOf(node: Node | null | undefined): string | null {
  if (node?.type === 'Literal') return typeof node.value === 'string' ? node.value : null;
  if (node?.type === 'TemplateLiteral') return node.quasis.map((quasi) => quasi.value.raw).join('$');
  return null;
}

function specifierOf(node: Node): string | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return textOf(node.source);
    case 'NewExpression': {
      const isUrl = node.callee.type === 'Identifier' && node.callee.name === 'URL';
      const specifier = textOf(node.arguments[0]);
      return isUrl && specifier?.endsWith('.js') ? specifier : null;
    }
    default:
      return null;
  }
}

/** Everything that a file imports, re-exports, loads or starts. */
export function importsOf(file: SourceFile): Import[] {
  const imports: Import[] = [];
  walk(file, (node) => {
    const specifier = specifierOf(node);
    if (specifier === null) return;
    const isFile = specifier.startsWith('.');
    const path = posix.join(posix.dirname(file.path), specifier);
    const target = isFile ? path.replace(/\.js(x?)$/, '.ts$1') : null;
    imports.push({ specifier, target, isStarted: node.type === 'NewExpression', node });
  });
  return imports;
}
