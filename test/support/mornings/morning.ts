/** One morning: what happened in the night, and what somebody sees of it. */
import type { CliEnd, CliOptions } from '../cli.js';
import { createDesk, type Desk } from '../desk.js';
import { type HttpServer, startHttpServer } from '../http-server.js';
import type { PriceSpan } from '../prices.js';
import { cloneWarehouse, createWarehouse, expectDays, type Warehouse } from '../warehouse.js';

export interface Scene {
  warehouse: Warehouse;
  desk: Desk;
  /** Runs the program as cron does, with alerts to a server of this machine. */
  run(args: readonly string[], options?: CliOptions): Promise<CliEnd>;
}

export interface Morning {
  /** What happened, as a sentence without its end. */
  night: string;
  /** Assets of the warehouse and the days that they have; built and level before the night. */
  prices?: { ids: readonly number[]; days: number; endsDaysAgo?: number }[];
  /** Assets have the calendar that barwright gives by itself; else they are history that gets no new days. */
  isExpected?: true;
  /** Not built before the night: the run makes the first build. */
  isNew?: true;
  /** Makes the night; what it returns is undone after the run. null: this machine cannot do it. */
  happen?(scene: Scene): Promise<(() => Promise<unknown>) | null | undefined>;
  /** Left out: refresh --all. */
  args?: readonly string[];
  env?(scene: Scene): Record<string, string>;
  exitCode: number;
  /** The beginning of the alert's first line; null: nobody is alerted. */
  alert: 'FAILED' | 'WARNING' | null;
  /** Exit code of `barwright check`. */
  check: 0 | 1 | 2;
  /** The first cause, or what is said where there is no summary. */
  says: RegExp;
}

export interface Seen {
  morning: Morning;
  exitCode: number | null;
  /** From the verdict on. */
  lines: string[];
  /** The whole summary; [] where there is none. */
  summary: string[];
  alert: string | null;
  check: number | null;
}

const USUAL = [{ ids: [1, 52, 825], days: 40, endsDaysAgo: 2 }];
const ALERTED = /^barwright ([A-Z ]+): /;

/** Warehouses before a night, by what they have: many mornings begin with the same one. */
const evenings = new Map<string, Promise<Warehouse>>();

function makeEvening({ prices = USUAL, isExpected, isNew }: Morning): Promise<Warehouse> {
  const wanted = { prices, isExpected: isExpected === true, isNew: isNew === true };
  const key = JSON.stringify(wanted);
  const evening = evenings.get(key) ?? build(wanted);
  evenings.set(key, evening);
  return evening;
}

interface Wanted {
  prices: readonly PriceSpan[];
  isExpected: boolean;
  isNew: boolean;
}

async function build({ prices, isExpected, isNew }: Wanted): Promise<Warehouse> {
  const warehouse = await createWarehouse({}, prices);
  if (isExpected) await expectDays(warehouse);
  await warehouse.execute(
    `insert into dim_assets (id, symbol) values (1, 'BTC'), (52, 'XRP'), (825, 'USDT') on conflict (id) do update
       set symbol = excluded.symbol`,
  );
  await warehouse.execute(
    'delete from dim_assets a where not exists (select from cmc_price_histories7 where id = a.id)',
  );
  // A warning that days are late is part of some evenings.
  if (!isNew) await warehouse.run(['refresh', '--all', '--no-log-file'], { timeoutMs: 110_000 });
  await warehouse.execute('truncate alert_log');
  // A database to which somebody is connected cannot be cloned.
  await warehouse.database.close();
  return warehouse;
}

/** Drops what the mornings began with. */
export async function dropEvenings(): Promise<void> {
  for (const evening of evenings.values()) await evening.then((warehouse) => warehouse.drop());
  evenings.clear();
}

/** Lives through a morning; null: this machine cannot. */
export async function see(morning: Morning): Promise<Seen | null> {
  const hook = await startHttpServer();
  const warehouse = await cloneWarehouse(await makeEvening(morning));
  const desk = createDesk({ BARWRIGHT_ALERT_WEBHOOK: `${hook.url}/hook` });
  const run = (args: readonly string[], options: CliOptions = {}) =>
    desk.run(args, {
      timeoutMs: 110_000,
      ...options,
      env: { TARGET_DB_URL: warehouse.urls.runner, ...options.env },
    });
  const scene: Scene = { warehouse, desk, run };
  try {
    const undo = await morning.happen?.(scene);
    if (undo === null) return null;
    hook.seen.length = 0;
    const env = morning.env?.(scene) ?? {};
    const end = await run([...(morning.args ?? ['refresh', '--all']), '--alert-on-error'], { env });
    const check = await run(['check'], { env });
    await undo?.();
    return { morning, ...seenOf(end), alert: alertOf(hook), check: check.code };
  } finally {
    await hook.close();
    await warehouse.drop();
    desk.clear();
  }
}

function seenOf({ code, stdout }: CliEnd): Pick<Seen, 'exitCode' | 'lines' | 'summary'> {
  const said = stdout.trimEnd().split('\n');
  const at = said.indexOf('DAILY REFRESH SUMMARY');
  const summary = at < 0 ? [] : said.slice(at - 2);
  const lines = (at < 0 ? said.filter((line) => !line.startsWith('Usage:')) : said.slice(at + 2)).slice(0, 5);
  return { exitCode: code, lines, summary };
}

function alertOf({ seen }: HttpServer): string | null {
  const [message] = seen;
  return message === undefined ? null : (ALERTED.exec(String(message.body.text))?.[1] ?? 'no head');
}
