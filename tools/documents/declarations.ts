/** Declarations as the compiler emits them: what a module exports, where it comes from, and what it mentions. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Comment, type Directive, type Node, type Program, parseSync, visitorKeys } from 'oxc-parser';

const COMPILE_TIMEOUT_MS = 120_000;

/** One name with all that declares it: a function has one text for each overload. */
export interface Declaration {
  name: string;
  isType: boolean;
  /** The words of its doc comment; null: it has none. */
  doc: string | null;
  /** TypeScript, without `export declare`. */
  texts: string[];
  /** Names of the same file, or imported into it, that it mentions. */
  mentions: string[];
}

/** Where a name is declared. */
export interface Place {
  file: string;
  name: string;
}

interface Module {
  declarations: Map<string, Declaration>;
  /** Exported and imported names with where they are to be looked for. */
  exports: Map<string, Place>;
  imports: Map<string, Place>;
  /** Files of `export * from`. */
  stars: string[];
}

type Statement = Program['body'][number];

/** The declarations of a source tree. */
export class Declarations {
  readonly #modules = new Map<string, Module>();
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Names that a file exports, in its order, with where each is declared. `file`: without `.d.ts`, from the root. */
  listExports(file: string): Map<string, Place> {
    const found = new Map<string, Place>();
    const { exports, stars } = this.#read(file);
    for (const star of stars) for (const [name, place] of this.listExports(star)) found.set(name, place);
    for (const [name, place] of exports) found.set(name, this.#follow(place) ?? place);
    return found;
  }

  /** The declaration at a place; null when it is not there, but in a package. */
  find({ file, name }: Place): Declaration | null {
    return this.#read(file).declarations.get(name) ?? null;
  }

  /** Where the names are declared that a declaration mentions; packages' are left out. */
  listMentions(place: Place): Place[] {
    const { imports } = this.#read(place.file);
    return (this.find(place)?.mentions ?? []).flatMap(
      (name) => this.#follow(imports.get(name) ?? { file: place.file, name }) ?? [],
    );
  }

  /** To the file that declares a name, through those that pass it on. */
  #follow(place: Place): Place | null {
    const { declarations, exports, imports, stars } = this.#read(place.file);
    if (declarations.has(place.name)) return place;
    const next = exports.get(place.name) ?? imports.get(place.name);
    if (next !== undefined) return next.file === place.file ? null : this.#follow(next);
    for (const file of stars) {
      const found = this.#follow({ file, name: place.name });
      if (found !== null) return found;
    }
    return null;
  }

  #read(file: string): Module {
    const known = this.#modules.get(file);
    if (known !== undefined) return known;
    const path = join(this.#root, `${file}.d.ts`);
    const module = parseModule(path, file);
    this.#modules.set(file, module);
    return module;
  }
}

/** Compiles the checkout's declarations into a folder of its own, and hands them to `work`. */
export function withDeclarations<T>(checkout: string, work: (declarations: Declarations) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-declarations-'));
  try {
    const compiler = join(checkout, 'node_modules/typescript/bin/tsc');
    const args = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', folder];
    execFileSync(process.execPath, [compiler, ...args], { cwd: checkout, timeout: COMPILE_TIMEOUT_MS });
    return work(new Declarations(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parseModule(path: string, file: string): Module {
  const text = readFileSync(path, 'utf8');
  const { program, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const module: Module = { declarations: new Map(), exports: new Map(), imports: new Map(), stars: [] };
  for (const statement of program.body) readStatement(statement, { text, comments, file, module });
  return module;
}

interface Reading {
  text: string;
  comments: readonly Comment[];
  file: string;
  module: Module;
}

function readStatement(statement: Statement | Directive, reading: Reading): void {
  const { module, file } = reading;
  if (statement.type === 'ImportDeclaration') {
    const from = fileOf(file, statement.source.value);
    if (from === null) return;
    for (const specifier of statement.specifiers)
      if (specifier.type === 'ImportSpecifier')
        module.imports.set(specifier.local.name, { file: from, name: nameOf(specifier.imported) });
  } else if (statement.type === 'ExportAllDeclaration') {
    const from = fileOf(file, statement.source.value);
    if (from !== null) module.stars.push(from);
  } else if (statement.type === 'ExportNamedDeclaration') {
    const from = statement.source === null ? file : fileOf(file, statement.source.value);
    for (const { local, exported } of statement.specifiers)
      if (from !== null) module.exports.set(nameOf(exported), { file: from, name: nameOf(local) });
    if (statement.declaration !== null) {
      for (const name of declare(statement.declaration, statement, reading))
        module.exports.set(name, { file, name });
    }
  } else declare(statement, statement, reading);
}

/** A file without its ending, from the root; null when a package is imported. */
function fileOf(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return resolve('/', dirname(from), specifier).slice(1).replace(/\.js$/, '');
}

function nameOf(node: { name: string } | { value: string }): string {
  return 'name' in node ? node.name : node.value;
}

const TYPES = ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'];

/** Notes what a statement declares; gives the names. */
function declare(node: Node, statement: Node, reading: Reading): string[] {
  const names =
    node.type === 'VariableDeclaration'
      ? node.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
      : 'id' in node && node.id !== null && typeof node.id === 'object' && 'name' in node.id
        ? [String(node.id.name)]
        : [];
  const text = reading.text.slice(statement.start, statement.end).replace(/^(export )?(declare )?/, '');
  for (const name of names) {
    const earlier = reading.module.declarations.get(name);
    reading.module.declarations.set(name, {
      name,
      isType: TYPES.includes(node.type),
      doc: [earlier?.doc, docBefore(statement, reading)].filter(Boolean).join('\n\n') || null,
      texts: [...(earlier?.texts ?? []), text],
      mentions: [...new Set([...(earlier?.mentions ?? []), ...listMentioned(node)])],
    });
  }
  return names;
}

/** The doc comment that ends where a statement begins. */
function docBefore(statement: Node, { text, comments }: Reading): string | null {
  const comment = comments.find(
    ({ type, value, end }) =>
      type === 'Block' &&
      value.startsWith('*') &&
      /^\s*$/.test(text.slice(end, statement.start)) &&
      end <= statement.start,
  );
  if (comment === undefined) return null;
  const lines = comment.value.slice(1).split('\n');
  return lines
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim();
}

/** Names of types, and of values by `typeof`. */
function listMentioned(node: Node): string[] {
  const own =
    node.type === 'TSTypeReference' && node.typeName.type === 'Identifier'
      ? [node.typeName.name]
      : node.type === 'TSTypeQuery' && node.exprName.type === 'Identifier'
        ? [node.exprName.name]
        : node.type === 'TSInterfaceHeritage' && node.expression.type === 'Identifier'
          ? [node.expression.name]
          : [];
  const children = (visitorKeys[node.type] ?? []).flatMap(
    (key) => (node as unknown as Record<string, unknown>)[key],
  );
  return [...own, ...children.flatMap((child) => (isNode(child) ? listMentioned(child) : []))];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}
