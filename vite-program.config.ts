/**
 * The program: dist/cli/bin.js and the other files that Node is started with, bundled with what every run loads. Node
 * then opens five files in place of 190, which is a sixth of the time of a run that finds nothing new.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildEnvironmentOptions, defineConfig } from 'vite';

const ROOT = import.meta.dirname;
/** Below dist. */
const CHUNKS = 'program';

/** Packages that every run loads. The others are loaded by few commands, or, as pino does, start workers from files of their own. */
const BUNDLED = ['commander', 'p-retry', 'pg', 'pg-copy-streams', 'picocolors'];

/** The command line, and the command that runs from cron. */
const IN_EVERY_RUN = ['src/cli/main.ts', 'src/cli/commands/running/refresh.ts'].map((path) =>
  join(ROOT, path),
);

/** What stands before them, and says what is wrong where they cannot be loaded: it must not be one file with them. */
const BEFORE = join(ROOT, 'src/cli/start-program.ts');

interface Modules {
  getModuleInfo(id: string): { importedIds: readonly string[] } | null;
}

/** These modules and all that they import, less what they import only when it is asked for. */
function closureOf(modules: Modules, starts: readonly string[]): Set<string> {
  const found = new Set<string>();
  const open = [...starts];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(modules.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}

/** A chunk of these modules and all that they need. */
function groupOf(name: string, priority: number, starts: readonly string[]) {
  let closure: ReadonlySet<string> | null = null;
  const choose = (id: string, modules: Modules) => {
    closure ??= closureOf(modules, starts);
    return closure.has(id) ? name : null;
  };
  return { name: choose, debugName: name, priority };
}

function listExternal(): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const names = Object.keys(dependencies);
  // pg looks for these two and does without them.
  return [...names.filter((name) => !BUNDLED.includes(name)), 'pg-native', 'pg-cloudflare'];
}

const build: BuildEnvironmentOptions = {
  ssr: true,
  outDir: 'dist',
  // What else is in dist, tsc has written.
  emptyOutDir: false,
  target: 'node22',
  minify: false,
  reportCompressedSize: false,
  // The licences of what is bundled travel with it.
  license: { fileName: `${CHUNKS}/licenses.md` },
  rolldownOptions: {
    input: {
      'cli/bin': 'src/cli/bin.ts',
      // Threads for the indicators of users.
      'storage/own-indicators/run-module': 'src/storage/own-indicators/run-module.ts',
      'storage/own-indicators/supervise': 'src/storage/own-indicators/supervise.ts',
      'scripts/run-daily-refresh': 'src/scripts/run-daily-refresh.ts',
      'scripts/run-all-bar-builders': 'src/scripts/run-all-bar-builders.ts',
      'scripts/run-all-ema-refreshes': 'src/scripts/run-all-ema-refreshes.ts',
    },
    // Some imports wait until they are asked for in the unbundled modules of the package only.
    checks: { ineffectiveDynamicImport: false },
    output: {
      entryFileNames: '[name].js',
      chunkFileNames: `${CHUNKS}/[name].js`,
      // They stand in the modules beside.
      comments: { jsdoc: false },
      codeSplitting: { groups: [groupOf('start', 1, [BEFORE]), groupOf('run', 0, IN_EVERY_RUN)] },
    },
  },
};

export default defineConfig({ build, ssr: { noExternal: true, external: listExternal() } });
