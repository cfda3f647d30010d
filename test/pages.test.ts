/** The documents, done: every command line and every statement in them, on a prepared warehouse. */
import { globSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopEmbedded } from '../src/storage/embedded/embedded.js';
import { ask } from './support/examples/ask.js';
import { type HttpServer, startHttpServer } from './support/http-server.js';
import { makeServerFolder } from './support/own-server.js';
import { findBlocks, isQuery, listCommandLines, listStatements, readBlocks } from './support/pages/blocks.js';
import { LEFT_OUT, SHOWN_OTHERWISE, STAYING } from './support/pages/left-out.js';
import { runPage } from './support/pages/run-page.js';
import { SCENES } from './support/pages/scenes.js';
import { createStage } from './support/pages/stage.js';
import { cloneOf, createSample, createSmall, createTheirs } from './support/pages/warehouses.js';
import type { Warehouse } from './support/warehouse.js';

const ROOT = resolve(import.meta.dirname, '..');
/** Written from examples/, whose files test/examples.test.ts runs. */
const MADE = ['docs/reference/examples.md'];
const PAGES = globSync(['*.md', 'docs/**/*.md', '.planning/**/*.md'], { cwd: ROOT })
  .filter((page) => !MADE.includes(page))
  .sort();
const BLOCKS = new Map(PAGES.map((page) => [page, readBlocks(ROOT, page)]));
const ALL = [...BLOCKS.values()].flat();
const LINES = ALL.flatMap(listCommandLines);
const TYPED = PAGES.filter((page) => BLOCKS.get(page)?.some((block) => listCommandLines(block).length > 0));
const ASKED = PAGES.filter((page) => BLOCKS.get(page)?.some((block) => listStatements(block).length > 0));
/** Queries about asset 1 in tables of 400 days; the others are about the sample data. */
const OF_SMALL = ['docs/reference/origin.md', 'docs/tasks/migrate.md'];
/** They look for what is wrong, or waits: there is nothing of it. */
const FINDS_NOTHING = ['from price_change', 'from price_kept', 'from ema_rejects', "a.action = 'repair'"];
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York'];

let small: Warehouse;
let sample: Warehouse;
let alerts: HttpServer;
/** One embedded server for all pages. */
const dataDir = makeServerFolder();

beforeAll(async () => {
  [small, sample, alerts] = await Promise.all([createSmall(), createSample(), startHttpServer()]);
});
afterAll(async () => {
  await stopEmbedded({ dataDir });
  rmSync(dataDir, { recursive: true, force: true });
  await alerts?.close();
  await small?.drop();
  await sample?.drop();
});

describe('command lines', () => {
  test.each(TYPED)('%s', async (page) => {
    const warehouse = page === 'docs/tasks/migrate.md' ? await createTheirs() : await cloneOf(small);
    const stage = createStage(warehouse, {
      BARWRIGHT_DATA_DIR: dataDir,
      BARWRIGHT_ALERT_WEBHOOK: alerts.url,
    });
    try {
      const scene = SCENES[page] ?? {};
      await scene.prepare?.(stage);
      await runPage(BLOCKS.get(page) ?? [], stage, scene);
    } finally {
      await stage.remove();
      await warehouse.drop();
    }
  });
});

describe('SQL', () => {
  let asked: Warehouse;
  beforeAll(async () => {
    asked = await cloneOf(small);
  });
  afterAll(() => asked?.drop());

  test.each(ASKED)('%s', async (page) => {
    const warehouse = OF_SMALL.includes(page) ? asked : sample;
    for (const block of BLOCKS.get(page) ?? [])
      for (const sql of listStatements(block)) await expectToRun(warehouse, sql, block.place);
  });
});

/** A query finds rows, the same ones in every time zone; what writes is taken back. */
async function expectToRun({ urls, url }: Warehouse, sql: string, place: string): Promise<void> {
  const at = `${place} ${sql.trim()}`;
  if (!isQuery(sql)) return expect(await tryStatement(url, sql), at).toBe('done');
  const answers = await Promise.all(
    ZONES.map((zone) => ask(urls.reader, sql, zone).catch((error: Error) => error.message)),
  );
  expect(answers[0], at).toMatch(/\n\(\d+ rows?\)$/);
  expect(new Set(answers).size, at).toBe(1);
  if (!FINDS_NOTHING.some((part) => sql.includes(part))) expect(answers[0], at).not.toContain('\n(0 rows)');
}

/** 'done', or why it could not be; it is taken back. */
async function tryStatement(url: string, sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, query_timeout: 30_000 });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('rollback');
    return 'done';
  } catch (error) {
    return String(error);
  } finally {
    await client.end();
  }
}

describe('lists', () => {
  test('nothing is listed that the documents do not have any more', () => {
    const has = (pattern: RegExp) => LINES.some(({ line }) => pattern.test(line));
    const lists = [...LEFT_OUT, ...STAYING].map(({ line }) => line);
    expect(lists.filter((pattern) => !has(pattern))).toEqual([]);
    expect(SHOWN_OTHERWISE.filter(({ after }) => !ALL.some((block) => after.test(block.after)))).toEqual([]);
    expect(OF_SMALL.filter((page) => !ASKED.includes(page))).toEqual([]);
    expect(
      FINDS_NOTHING.filter(
        (part) => !ALL.some(({ language, code }) => language === 'sql' && code.includes(part)),
      ),
    ).toEqual([]);
  });

  test('what is prepared is of lines and texts that their page has', () => {
    const unknown = Object.entries(SCENES).flatMap(([page, { before = {}, ends = {} }]) => {
      const blocks = BLOCKS.get(page) ?? [];
      const lines = blocks.flatMap(listCommandLines).map(({ line }) => line);
      const known = [...lines, ...blocks.map(({ after }) => after)];
      return [...Object.keys(before), ...Object.keys(ends)].filter((each) => !known.includes(each));
    });
    expect(unknown).toEqual([]);
    expect(Object.keys(SCENES).filter((page) => !TYPED.includes(page))).toEqual([]);
  });
});

describe('noticed is', () => {
  const tryPage = async (text: string) => {
    const warehouse = await cloneOf(small);
    const stage = createStage(warehouse, {});
    try {
      await runPage(findBlocks('PAGE.md', text), stage, {});
    } finally {
      await stage.remove();
      await warehouse.drop();
    }
  };

  test('an option that a command does not have, a wrong value, and another output', async () => {
    await expect(tryPage('```sh\nbarwright status --idz 1\n```\n')).rejects.toThrow(
      /^PAGE\.md:2 barwright status --idz 1 ended with 2: error: unknown option '--idz'/,
    );
    await expect(
      tryPage('```sh\nbarwright asset split 1 --on 2020-02-31 --ratio 4:1\n```\n'),
    ).rejects.toThrow('ended with 2');
    await expect(tryPage('```sh\nbarwright asset list\n```\n\n```text\n[OK] 9 cats\n```\n')).rejects.toThrow(
      '[OK] 9 cats',
    );
  });

  test('a statement with a wrong name, one that finds nothing, and one that depends on the zone', async () => {
    const run = (sql: string) => expectToRun(sample, sql, 'PAGE.md:2');
    await expect(run('select emma from cmc_ema_multi_tf where id = 900001')).rejects.toThrow(
      'column "emma" does not exist',
    );
    await expect(run('select id from dim_assets where id = 7')).rejects.toThrow('(0 rows)');
    await expect(run('select now()::timestamp(0)::text as t')).rejects.toThrow('PAGE.md:2');
    await expect(run('insert into dim_period values (0)')).rejects.toThrow(
      /^PAGE\.md:2 insert .* to be 'done'/,
    );
  });
});
