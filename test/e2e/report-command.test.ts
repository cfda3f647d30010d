/** `report`: one file about a run, which needs nothing else and tells nobody anything. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CANARY, CANARY_WORD } from '../support/canary.js';
import { createDashboard, type Dashboard } from '../support/dashboard.js';
import { expectExit } from '../support/warehouse.js';

let dashboard: Dashboard;
let folder: string;
let page: string;
const asReader = () => ({ env: { TARGET_DB_URL: dashboard.warehouse.urls.reader } });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-report-'));
  dashboard = await createDashboard();
  const { execute, run } = dashboard.warehouse;
  await execute(`update dim_assets set symbol = $1 where id = 6`, [
    `</td><script>alert("6")</script>\u202e&amp;`,
  ]);
  await execute(`update refresh_run set report = jsonb_set(report - 'causes', '{warnings}', $1)`, [
    JSON.stringify([`<img src=x onerror=alert(1)> postgresql://me:${encodeURIComponent(CANARY)}@h/d`]),
  ]);
  await expectExit(0, run(['report', '--out', join(folder, 'run.html')], asReader()));
  page = readFileSync(join(folder, 'run.html'), 'utf8');
}, 120_000);
afterAll(async () => {
  await dashboard?.close();
  rmSync(folder, { recursive: true });
});

test('says what the run did, and how all assets stand', async () => {
  const { run } = await dashboard.cli('runs', 'last');
  expect(page).toContain(`<h1>refresh --all <span class="tag failed">failed</span></h1>`);
  expect(page).toContain('FAILED: 1 failed, the rest is done');
  expect(page).toContain(`Run ${run.run} on `);
  expect(page).toMatch(/<td>bars<\/td><td>6<\/td>.*<td>[^<]*Infinity[^<]*<\/td>/s);
  for (const { component, rowsNeeded, rowsWritten } of run.stages)
    expect(page).toMatch(
      new RegExp(
        `<td>${component}</td>.*<td>${rowsNeeded.toLocaleString('en-US')}</td><td>${rowsWritten.toLocaleString('en-US')}</td>`,
      ),
    );
  expect(page).toMatch(/<th scope="col">table<\/th><th scope="col">fresh<\/th>/);
  expect(page.match(/<rect /g)).toHaveLength(4);
  const first = await dashboard.warehouse.query<[string]>(
    'select run::text from refresh_run order by started_at limit 1',
  );
  const older = await expectExit(0, dashboard.warehouse.run(['report', first[0]?.[0] ?? ''], asReader()));
  expect(older.stdout).toMatch(/<h2>Slowest assets<\/h2>\s*<div class="wide"><table>.*<td>emas<\/td>/s);
});

test('has no script and no address of anything to load', () => {
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).toContain(`content="default-src &#39;none&#39;`.replaceAll('&#39;', "'"));
  expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|form|base)\b/i);
  expect(page).not.toMatch(/\b(src|href|action|background|poster)\s*=\s*["'](?!\s*$)/i);
  expect(page).not.toMatch(/url\(|@import|https?:/i);
});

test('shows names and texts from outside as text, without secrets', () => {
  expect(page).toContain('&lt;/td&gt;&lt;script&gt;alert(&quot;6&quot;)&lt;/script&gt;\\u202e&amp;amp;');
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; postgresql://me:***@h/d');
  expect(page).not.toContain(CANARY_WORD);
  expect(page).not.toContain('\u202e');
});

test('to stdout it is the file and nothing else; a run that is not there leaves no file', async () => {
  const { stdout, stderr } = await expectExit(0, dashboard.warehouse.run(['report', 'last'], asReader()));
  expect(stdout.replace(/at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/, '')).toBe(
    page.replace(/at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/, ''),
  );
  expect(stderr).toBe('');
  const none = join(folder, 'none.html');
  const end = await expectExit(2, dashboard.warehouse.run(['report', 'ffffffff', '--out', none], asReader()));
  expect(end.stderr).toBe('no run begins with "ffffffff"; "barwright runs" lists them\n');
  expect(readdirSync(folder)).toEqual(['run.html']);
});
