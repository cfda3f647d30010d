// npm run screenshots: the pictures of the documents, taken again from sample data that ends two days ago. Needs Chromium.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIN, bootstrap, environment, ROOT, runMain } from './bootstrap.mjs';

const IMAGES = join(ROOT, 'docs/images');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
];
const STEP_MS = 300_000;
const WAIT_MS = 30_000;
const DAY_MS = 86_400_000;
/** Where the sample data ends by itself. */
const SAMPLE_END_MS = Date.UTC(2025, 11, 31);
/** Further than the sample is long: on the way through it no day meets another. */
const DETOUR_DAYS = 36_525;
const PRICE_TIMES = ['timeopen', 'timeclose', 'timehigh', 'timelow', 'timestamp'];
const TODAY_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS;

const SHOTS = [
  { name: 'freshness', path: '/', waitFor: '.grid-body .grid-row', scheme: 'light', height: 560 },
  { name: 'runs', path: '/runs', waitFor: 'table', scheme: 'light', height: 480 },
  {
    name: 'screener',
    path: '/screener?tf=7D&periods=10,21,50&sort=change&down=1',
    waitFor: 'tbody .health',
    scheme: 'light',
    height: 560,
  },
  {
    name: 'asset',
    path: '/assets/900001?tf=1W_CAL_ISO&alignment=cal_iso&emas=10,21,50',
    waitFor: '.chart canvas',
    scheme: 'light',
    height: 760,
  },
  {
    name: 'asset-dark',
    path: '/assets/900001?emas=10,21,50',
    waitFor: '.chart canvas',
    scheme: 'dark',
    height: 760,
  },
];

await runMain(async () => {
  const { node } = await bootstrap({ log: (line) => console.log(line) });
  const folder = mkdtempSync(join(tmpdir(), 'barwright-screenshots-'));
  // As root the server runs as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  const data = ['--data-dir', join(folder, 'data')];
  const run = (...args) => {
    const end = spawnSync(node, [BIN, ...args, ...data], {
      env: environment(),
      stdio: 'inherit',
      timeout: STEP_MS,
    });
    if (end.status !== 0)
      throw new Error(`barwright ${args.join(' ')} ended with ${end.status ?? end.signal}`);
  };
  let server = null;
  try {
    run('db', 'start');
    const url = spawnSync(node, [BIN, 'db', 'url', ...data], { env: environment(), encoding: 'utf8' });
    await writeSample(url.stdout.trim());
    run('refresh', '--all', '--embedded');
    run('refresh', '--all', '--ids', '900002', '--full-rebuild', '--embedded');
    run('refresh', '--all', '--embedded');
    await addDay(url.stdout.trim());
    run('asset', 'retire', '900008', '--embedded');
    const args = ['--embedded', '--port', '0', ...data];
    server = spawn(node, [BIN, 'serve', ...args], { env: environment() });
    await takeAll(await addressOf(server), join(folder, 'profile'));
  } finally {
    server?.kill();
    run('db', 'stop');
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});

/** The sample, moved so that it is fresh today: that it is old is not what the pictures are about. */
async function writeSample(url) {
  const [{ openDatabase }, { migrate }, { writeSampleData }] = await Promise.all(
    ['storage/session/database', 'storage/schema/migrate', 'components/ingest/load/sample-data'].map(
      (name) => import(join(ROOT, `src/${name}.ts`)),
    ),
  );
  const days = (TODAY_MS - SAMPLE_END_MS) / DAY_MS - 2;
  const database = openDatabase(url);
  try {
    await migrate(database);
    await writeSampleData(database);
    await database.transaction(async (tx) => {
      for (const by of [DETOUR_DAYS, days - DETOUR_DAYS])
        await tx.execute(
          `update cmc_price_histories7 set ${PRICE_TIMES.map((name) => `${name} = ${name} + $1 * interval '1 day'`)}`,
          [by],
        );
    });
  } finally {
    await database.close();
  }
}

/** One asset has a day that waits: its newest once more, a day later. Sample data takes no files. */
async function addDay(url) {
  const { openDatabase } = await import(join(ROOT, 'src/storage/session/database.ts'));
  const later = PRICE_TIMES.map((name) => `'${name}', h.${name} + interval '1 day'`);
  const database = openDatabase(url);
  try {
    await database.transaction((tx) =>
      tx.execute(
        `insert into cmc_price_histories7
         select (jsonb_populate_record(h, jsonb_build_object(${later}))).*
         from cmc_price_histories7 h where id = 900001 order by timestamp desc limit 1`,
      ),
    );
  } finally {
    await database.close();
  }
}

/** Where it says that it listens. */
function addressOf(server) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('barwright serve did not begin')), WAIT_MS);
    let said = '';
    server.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      const url = /Dashboard: (\S+)/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    server.once('exit', () => reject(new Error(`barwright serve ended: ${said}`)));
  });
}

async function takeAll(base, profile) {
  const { chromium } = await import('playwright-core');
  mkdirSync(IMAGES, { recursive: true });
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: FLAGS,
    timeout: WAIT_MS,
  });
  try {
    for (const { name, path, waitFor, scheme, height } of SHOTS) {
      const page = await context.newPage();
      await page.setViewportSize({ width: 1280, height });
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(new URL(path, base).href);
      await page.locator(waitFor).first().waitFor({ timeout: WAIT_MS });
      // Two frames: one that fits the chart, one that shows it.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      await page.screenshot({ path: join(IMAGES, `${name}.png`) });
      console.log(`[OK] docs/images/${name}.png`);
      await page.close();
    }
  } finally {
    await context.close();
  }
}
