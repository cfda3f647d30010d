/** A warehouse whose runs alert two servers of this machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { createDesk, type Desk } from './desk.js';
import { type HttpServer, startHttpServer } from './http-server.js';
import { createWarehouse, expectExit, type Warehouse } from './warehouse.js';

export const TOKEN = `77:tok${process.pid}canary`;
export const HOOK_PATH = `/services/hook${process.pid}canary`;
/** The run that most tests make. */
export const ALERTING = ['refresh', '--bars', '--alert-on-error'] as const;
const HOUR_MS = 3_600_000;

export interface Alerting {
  warehouse: Warehouse;
  telegram: HttpServer;
  hook: HttpServer;
  desk: Desk;
  /** What both channels got since the last call: the first line of each message, without the host. */
  takeHeads(): string[];
  /** Makes asset 825 fail with these words, by days that have changed, until the returned function is called. */
  poison(words: string): Promise<() => Promise<void>>;
  /** As if everything that is remembered had happened so much earlier. */
  passHours(hours: number): Promise<void>;
}

/** The texts that a server was sent. */
export function textsOf(server: HttpServer): string[] {
  return server.seen.map(({ body }) => String(body.text));
}

/** One warehouse for a test file; servers, working directory and memory are new for every test. */
export function useAlerting(): Alerting {
  const scene = { takeHeads: () => takeHeads(scene), poison: (words) => poison(scene, words) } as Alerting;
  scene.passHours = (hours) => passHours(scene, hours);
  beforeAll(async () => {
    scene.warehouse = await createWarehouse({}, [{ ids: [1, 825], days: 40 }]);
    await expectExit(0, scene.warehouse.run(['refresh', '--all', '--no-log-file']));
  });
  afterAll(() => scene.warehouse?.drop());
  beforeEach(async () => {
    scene.telegram = await startHttpServer();
    scene.hook = await startHttpServer();
    scene.desk = createDesk({
      TARGET_DB_URL: scene.warehouse.url,
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_CHAT_ID: '-1001',
      TELEGRAM_API_URL: scene.telegram.url,
      BARWRIGHT_ALERT_WEBHOOK: scene.hook.url + HOOK_PATH,
    });
    await scene.warehouse.execute('truncate alert_log, refresh_run cascade');
  });
  afterEach(async () => {
    await Promise.all([scene.telegram.close(), scene.hook.close()]);
    scene.desk.clear();
  });
  return scene;
}

function takeHeads({ telegram, hook }: Alerting): string[] {
  const heads = textsOf(telegram).map((text) => text.split('\n')[0]?.replace(/ on .*/, '') ?? '');
  expect(textsOf(hook)).toHaveLength(heads.length);
  telegram.seen.length = 0;
  hook.seen.length = 0;
  return heads;
}

async function poison({ warehouse }: Alerting, words: string): Promise<() => Promise<void>> {
  await warehouse.execute(`
    create function refuse() returns trigger language plpgsql as
      $f$ begin raise exception '%', $w$${words}$w$; end $f$;
    create trigger poison before insert or update on cmc_price_bars_1d_state
      for each row when (new.id = 825) execute function refuse();
    update cmc_price_histories7 set high = high * 2 where id = 825`);
  return async () => {
    await warehouse.execute('drop trigger poison on cmc_price_bars_1d_state; drop function refuse()');
  };
}

async function passHours({ warehouse, desk }: Alerting, hours: number): Promise<void> {
  const back = `make_interval(hours => ${hours})`;
  await warehouse.execute(
    `update alert_log set first_seen = first_seen - ${back}, last_seen = last_seen - ${back},
       last_sent = last_sent - ${back}`,
  );
  const file = join(desk.folder, '.logs', 'alerts.json');
  const shift = (key: string, value: unknown) =>
    key.endsWith('Ms') && typeof value === 'number' ? value - hours * HOUR_MS : value;
  writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8'), shift)));
}
