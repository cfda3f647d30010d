/** The house's rules, run: walls, sizes, SQL only in storage, no dead files; and each rule shown to find a breach. */
import { describe, expect, test } from 'vitest';
import { ORDER_RULES } from './support/house/order.js';
import { ROOMS } from './support/house/rooms.js';
import { SAFETY_RULES } from './support/house/safety.js';
import { isProduct, parseSource, type Rule, readSources } from './support/house/source-file.js';
import { SIZE_RULES, STYLE_RULES } from './support/house/style.js';
import { WAIT_RULES } from './support/house/waits.js';
import { WALL_RULES } from './support/house/walls.js';

const RULES: readonly Rule[] = [
  ...WALL_RULES,
  ...SIZE_RULES,
  ...STYLE_RULES,
  ...ORDER_RULES,
  ...SAFETY_RULES,
  ...WAIT_RULES,
];
const FILES = readSources([
  'src/**/*.{ts,tsx}',
  'test/**/*.{ts,mjs}',
  'bench/**/*.{ts,mjs}',
  'examples/**/*.ts',
  'tools/**/*.{ts,mjs}',
  '*.config.ts',
]);

/** Small sources by path. */
type Sample = Record<string, string>;

const lines = (count: number): string => 'void 0;\n'.repeat(count);

/** For each rule, samples that break it and samples that look as if they did. */
const SAMPLES: Record<string, { bad: Sample[]; good?: Sample[] }> = {
  'a layer imports only from layers to its left, a room only from rooms of its list': {
    bad: [
      { 'src/domain/day.ts': "import { readFileSync } from 'node:fs';" },
      { 'src/domain/day.ts': "export type { Tx } from '../storage/database.js';" },
      { 'src/storage/bars.ts': "import { refreshBars } from '../components/bars/refresh-bars.js';" },
      { 'src/components/bars/a.ts': "import { b } from '../emas/b.js';" },
      { 'src/components/writing/shared.ts': "import { b } from '../emas/b.js';" },
      { 'src/storage/session/database.ts': "import { copy } from '../copy/copy.js';" },
      { 'src/storage/new-room/a.ts': "import { copy } from '../copy/copy.js';" },
      { 'src/orchestration/run.ts': "const bars = await import('../components/bars/refresh-bars.js');" },
      { 'src/orchestration/run.ts': "import { main } from '../cli/main.js';" },
      { 'src/cli/main.ts': "import { startServing } from '../web/serve.js';" },
      { 'src/cli/commands/running/serve.ts': "import { createApp } from '../../../web/server/app.js';" },
      { 'src/cli/commands/inspect/report.ts': "import { startServing } from '../../../web/serve.js';" },
      { 'src/web/serve.ts': "import { createMessages } from '../cli/output/messages.js';" },
      { 'src/cli/main.ts': "import { main } from '../scripts/run-daily-refresh.js';" },
      { 'src/cli/main.ts': "import pg from 'pg';" },
      { 'src/storage/bars.ts': "import { RefreshReport } from '../index.js';" },
      { 'src/cli/main.ts': "import { createTestDatabase } from '../../test/support/database.js';" },
      { 'src/other/thing.ts': "import { dayOfUs } from '../domain/day.js';" },
      { 'src/web/app.ts': "import { App } from './page/app.jsx';" },
      { 'src/web/page/app.tsx': "import { dayOfUs } from '../../domain/day.js';" },
      { 'src/web/page/app.tsx': "import { readRuns } from '../runs.js';" },
      { 'src/web/page/app.tsx': "import { readFileSync } from 'node:fs';" },
    ],
    good: [
      { 'src/components/bars/a.ts': "import { b } from '../writing/shared.js'; import { c } from './c.js';" },
      { 'src/storage/copy/copy.ts': "import { Tx } from '../session/database.js';" },
      { 'src/storage/database.ts': "import pg from 'pg'; import { dayOfUs } from '../domain/day.js';" },
      { 'src/cli/commands/running/serve.ts': "import { startServing } from '../../../web/serve.js';" },
      { 'src/scripts/main.ts': "export { main } from '../cli/main.js';" },
      { 'src/orchestration/run.ts': "spawn(new URL('../cli/bin.js', import.meta.url));" },
      { 'src/domain/day.test.ts': "import { test } from 'vitest';" },
      {
        'src/web/page/runs/app.tsx':
          "import type { ApiError } from '../../api/api-types.js'; import { Row } from './row.jsx';",
      },
    ],
  },
  'a folder has at most 12 files': {
    bad: [Object.fromEntries(Array.from({ length: 13 }, (_, n) => [`src/storage/a/${n}.ts`, '']))],
    good: [
      {
        ...Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`src/storage/a/${n}.ts`, ''])),
        'src/storage/a/1.test.ts': '',
        'src/storage/a/b/1.ts': '',
      },
    ],
  },
  'every file of src is reachable from an entry point': {
    bad: [
      { 'src/index.ts': "export { a } from './a.js';", 'src/a.ts': 'export const a = 1;', 'src/b.ts': '' },
    ],
    good: [
      {
        'src/cli/bin.ts': "await import('./main.js');",
        'src/cli/main.ts': "const child = new URL('./child.js', import.meta.url);",
        'src/cli/child.ts': 'export {};',
      },
    ],
  },
  'no barrel files but the faces, the registries and the scripts': {
    bad: [
      { 'src/storage/index.ts': 'export const a = 1;' },
      { 'src/storage/all.ts': "export { a } from './a.js'; export { b } from './b.js';" },
      { 'src/storage/bars.ts': "export * from './a.js'; export const b = 1;" },
    ],
    good: [
      { 'src/domain/bars/families/index.ts': "export { a } from './a.js';" },
      { 'src/storage/copy.ts': "export type { A } from './a.js'; export const b = 1;" },
    ],
  },
  'no default exports': {
    bad: [{ 'src/a.ts': 'export default 1;' }, { 'test/a.ts': 'export default function run() {}' }],
    good: [{ 'vitest.config.ts': 'export default {};' }],
  },
  'a function has at most 70 lines': {
    bad: [
      { 'src/a.ts': `export function a() {\n${lines(69)}}` },
      { 'src/a.ts': `export const a = {\n b: () => {\n${lines(69)}} };` },
    ],
    good: [{ 'src/a.ts': `export function a() {\n${lines(68)}}\n${lines(100)}` }],
  },
  'a file has at most 300 lines': { bad: [{ 'src/a.ts': lines(301) }], good: [{ 'src/a.ts': lines(300) }] },
  'a function has at most 3 positional parameters, then an options object': {
    bad: [{ 'src/a.ts': 'export const f = (a: 1, b: 2, c: 3, d: 4) => 1;' }],
    good: [
      { 'src/a.ts': 'function f(a: 1, b: 2, c: 3, { d } = {}) {} function g(a: 1, b: 2, options: 3) {}' },
    ],
  },
  'file names are kebab-case': {
    bad: [{ 'src/dayOfUs.ts': '' }, { 'src/day_of_us.ts': '' }],
    good: [{ 'src/day-of-us.test.ts': '' }],
  },
  'no any, no non-null assertion': {
    bad: [
      { 'src/a.ts': 'export const a: any = 1;' },
      { 'src/a.ts': 'declare const a: { b?: { c: 1 } }; a.b!.c;' },
    ],
    good: [{ 'src/a.ts': "export const any = !1 !== true ? 'any!' : 1;" }],
  },
  'domain sees no clock, no chance, no environment': {
    bad: ['Date.now();', 'new Date();', 'Math.random();', 'process.env.TZ;', "console.log('x');"].map(
      (text) => ({
        'src/domain/a.ts': text,
      }),
    ),
    good: [
      { 'src/domain/a.ts': 'new Date(0); const a = { process: 1 }; a.process;' },
      { 'src/storage/a.ts': 'Date.now();' },
    ],
  },
  'SQL is in storage only': {
    bad: [
      "'select 1'",
      "'SELECT * FROM dim_assets'",
      '`select max(timestamp) from \x24{table}`',
      '`\n  with a as (select 1) select * from a`',
      "'insert into dim_assets values (1)'",
      "'update dim_assets set active = false'",
      "'delete from price_bars'",
      "'create table a (b int)'",
      "'copy a (b) from stdin'",
      'tx.execute(text)',
    ].map((text) => ({ 'src/cli/a.ts': `${text};` })),
    good: [
      "'Select the assets that are fresh from those that are stale'",
      "'updates the settings'",
      "'Delete from the config file what is not needed'.length",
      "'with --all'",
      "'create tables with barwright init'",
    ].map((text) => ({ 'src/cli/a.ts': `${text};`, 'src/storage/a.ts': "'select 1';" })),
  },
  'SQL is written in lower case': {
    bad: [
      { 'src/storage/a.ts': "'SELECT id FROM dim_assets';" },
      { 'src/storage/a.ts': "'select id FROM dim_assets';" },
    ],
    good: [{ 'src/storage/a.ts': "'select id from dim_assets';" }],
  },
  'a read names the order of its rows at its top level': {
    bad: [
      'select a.id, p.n from a cross join lateral (select p.n from p where p.id = a.id order by p.n offset 0) p',
      'select x.n from (select n from a order by n) x',
      'select g.n from (select n from a order by n desc limit $2) g',
      'select * from a join lateral (select n from b order by n limit 3) b on true where a.id = any($1)',
      'with c as (select n from a order by n) select n from c',
    ].map((text) => ({ 'src/storage/a.ts': `\`${text}\`;` })),
    good: [
      'select a.id, p.n from a cross join lateral (select p.n from p where p.id = a.id offset 0) p order by a.id, p.n',
      'select (select n from a order by n limit 1)',
      'select b.n from a join lateral (select n from b order by n desc limit 1) b on true',
      'select lead(n) over (order by n), string_agg(n, $1 order by n) from (select n from a) x',
      'select g.n from (select n from a order by n desc limit $2) g order by g.n',
      'delete from a where n in (select n from a order by n limit 5)',
      "select '(select n from a order by n)'",
    ].map((text) => ({
      'src/storage/a.ts': `\`${text}\`;`,
      'test/a.ts': '"select x from (select 1 order by 1) y";',
    })),
  },
  'storage functions begin with read, list, find, upsert, write or delete': {
    bad: [
      { 'src/storage/a.ts': 'export async function getBars(tx: Tx) {}' },
      { 'src/storage/a.ts': 'export function reading(database: Database) {}' },
    ],
    good: [
      {
        'src/storage/a.ts': 'export async function readBars(tx: Tx) {} export function keyOf(id: number) {}',
      },
      {
        'src/storage/a.ts': 'export async function migrate(database: Database) {} function helper(tx: Tx) {}',
      },
    ],
  },
  'exported functions have a doc comment': {
    bad: [
      { 'src/a.ts': 'export function a() {}' },
      { 'src/a.ts': '/** Of another. */\nconst b = 1;\nexport async function a() {}' },
    ],
    good: [{ 'src/a.ts': '/** Does it. */\nexport async function a() {}\nfunction b() {}' }],
  },
  'nothing is left unfinished': {
    bad: ['TO_DO: later', 'FIX_ME', 'a place_holder', "throw new Error('not imple_mented')"].map((text) => ({
      'src/a.ts': `// ${text.replace('_', '')}`,
    })),
    good: [
      { 'src/a.ts': '// A stubborn reader reads on.' },
      { 'src/a.tsx': '<input placeholder={label} />' },
    ],
  },
  'nothing is shared with other users of the machine': {
    bad: [
      { 'src/cli/a.ts': "const lock = join(tmpdir(), 'barwright-lock');" },
      { 'tools/a.mjs': "const lock = os.tmpdir() + '/barwright-lock';" },
      { 'src/cli/a.ts': 'module.enableCompileCache();' },
      { 'src/cli/a.ts': "const lock = '/tmp/barwright';" },
    ],
    good: [
      { 'src/cli/a.ts': "const own = await mkdtemp(join(tmpdir(), 'barwright-'));" },
      { 'tools/a.mjs': "const own = mkdtempSync(join(os.tmpdir(), 'barwright-'));" },
      { 'src/cli/a.ts': 'module.enableCompileCache(folder);' },
    ],
  },
  'a test waits for a state or an event, not for a time': {
    bad: [
      { 'test/a.test.ts': "import { setTimeout as sleep } from 'node:timers/promises';" },
      { 'test/a.test.ts': 'await new Promise((resolve) => setTimeout(resolve, 100));' },
      { 'src/a.test.ts': 'Atomics.wait(cells, 0, 0, 2_000);' },
      { 'test/faults/kill-loop.test.ts': 'test(name, run);' },
    ],
    good: [
      { 'test/support/processes.ts': "import { setTimeout as sleep } from 'node:timers/promises';" },
      { 'test/a.test.ts': 'const limit = setTimeout(() => child.kill(), 60_000);' },
    ],
  },
  'no test is skipped or runs alone': {
    bad: [
      { 'test/a.test.ts': "test.skip('a', () => {});" },
      { 'test/a.test.ts': "describe.only('a', () => {});" },
    ],
    good: [{ 'test/a.test.ts': "test('a', () => { rows.skip(); });" }],
  },
};

function parseSample(sample: Sample): ReturnType<typeof parseSource>[] {
  return Object.entries(sample).map(([path, text]) => parseSource(path, text));
}

describe.each(RULES)('$name', (rule) => {
  test('holds in the whole checkout', () => {
    expect(rule.check(FILES)).toEqual([]);
  });

  const { bad = [], good = [] } = SAMPLES[rule.name] ?? {};
  test('is seen to be broken, and only then', () => {
    expect(bad.length).toBeGreaterThan(0);
    for (const sample of bad) expect(rule.check(parseSample(sample)), JSON.stringify(sample)).not.toEqual([]);
    for (const sample of good) expect(rule.check(parseSample(sample)), JSON.stringify(sample)).toEqual([]);
  });
});

test('every sample belongs to a rule, and the checkout was read', () => {
  expect(Object.keys(SAMPLES).sort()).toEqual(RULES.map(({ name }) => name).sort());
  expect(FILES.length).toBeGreaterThan(50);
});

test.each(Object.entries(ROOMS))(
  'rooms of %s are folders, and each imports only from those above it',
  (layer, rooms) => {
    const folders = new Set(FILES.filter(isProduct).map(({ path }) => path.replace(/\/[^/]+$/, '')));
    const above = new Set(['.']);
    for (const [room, theirs] of Object.entries(rooms)) {
      expect(folders).toContain(`src/${layer}/${room}`);
      for (const each of theirs.split(' ').filter((name) => name !== '')) expect(above, room).toContain(each);
      above.add(room);
    }
  },
);
