// npm run screenshots: the pictures of the documents, taken anew from the sample data of `npm start`. Needs Chromium.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
/** The sample data ends with 2025; the pictures are not about that. */
const STALENESS_HOURS = '1000000';
/** One asset has a day that waits. */
const ONE_DAY = `timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp
"2026-01-01T00:00:00.000Z";"2026-01-01T23:59:59.999Z";"2026-01-01T14:20:00.000Z";"2026-01-01T03:05:00.000Z";"2781";13978.237;14310.4;13902.7;14250.5;18800000000;270759500000;"2026-01-01T23:59:59.999Z"
`;
const SHOTS = [
  { name: 'freshness', path: '/', waitFor: '.grid-body .grid-row', scheme: 'light', height: 560 },
  { name: 'runs', path: '/runs', waitFor: 'table', scheme: 'light', height: 420 },
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
    run('demo');
    run('refresh', '--all', '--embedded');
    const file = join(folder, 'one-day.csv');
    writeFileSync(file, ONE_DAY);
    run('ingest', file, '--id', '900001', '--embedded');
    run('asset', 'retire', '900008', '--embedded');
    const args = ['--embedded', '--port', '0', '--staleness-hours', STALENESS_HOURS, ...data];
    server = spawn(node, [BIN, 'serve', ...args], { env: environment() });
    await takeAll(await addressOf(server), join(folder, 'profile'));
  } finally {
    server?.kill();
    run('db', 'stop');
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});

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
      await page.setViewportSize({ width: 1200, height });
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
