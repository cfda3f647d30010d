/** Hostile input: 10,000 texts of each kind come to a typed error or a correct result, and never to SQL that was not meant. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OptionName, withOptions } from '../../src/cli/options/options.js';
import { identifyAsset } from '../../src/components/ingest/cells/asset.js';
import { ALIGNMENTS, parseTimeframe } from '../../src/domain/calendar/timeframe.js';
import { assetNameOfFile } from '../../src/domain/prices/assets.js';
import { UsageError } from '../../src/domain/text/errors.js';
import { formatIds, parseIdList } from '../../src/domain/text/ids.js';
import { checkName } from '../../src/domain/text/names.js';
import { selectTimeframes } from '../../src/orchestration/selection/select-series.js';
import { formatGrants } from '../../src/storage/schema/grants.js';
import { readSchemaState } from '../../src/storage/schema/migrate.js';
import { openDatabase, quoteIdentifier } from '../../src/storage/session/database.js';
import { findDatabaseUrl, resolveDatabaseUrl } from '../../src/storage/settings/database-url.js';
import { parseRelation, readSource } from '../../src/storage/source/source.js';
import { pricesOfText } from '../support/files/prices-of-text.js';
import { hostileTexts } from '../support/hostile.js';
import { HEADER, line } from '../support/ingest.js';
import { createWarehouse, type Warehouse } from '../support/warehouse.js';

/** Printed with the counterexample when it fails. */
const SEED = 20_261_124;
const MANY = { numRuns: 10_000, seed: SEED };

let folder: string;
let warehouse: Warehouse;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-hostile-'));
  warehouse = await createWarehouse({}, [{ ids: [1], days: 20 }]);
  await warehouse.execute('create table canary as select generate_series(1, 3) as n');
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** What a parser makes of a text, or undefined when it refuses it with one of these errors. Any other error is a failure. */
function attempt<T>(
  work: () => T,
  kinds: readonly (new (...args: never[]) => Error)[] = [UsageError],
): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
    expect((error as Error).message.length).toBeGreaterThan(10);
    expect((error as Error).message.length).toBeLessThan(2000);
    return undefined;
  }
}

/** How many of the texts were taken and how many refused: a test in which one of both never happens tests nothing. */
function overTexts(valid: readonly string[], work: (text: string) => unknown): void {
  const counts = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(hostileTexts(...valid), (text) => {
      const result = work(text);
      counts[result === undefined ? 'refused' : 'taken'] += 1;
    }),
    MANY,
  );
  expect(Math.min(counts.taken, counts.refused), JSON.stringify(counts)).toBeGreaterThan(100);
}

describe('in process, 10,000 of each', () => {
  test('ids', () => {
    overTexts(['1', '1,52,825', 'all', '2147483647'], (text) => {
      const ids = attempt(() => parseIdList(text));
      if (ids === undefined) return undefined;
      expect(parseIdList(formatIds(ids))).toEqual(ids);
      for (const id of ids ?? []) expect(Number.isInteger(id) && id >= 1 && id <= 2_147_483_647).toBe(true);
      expect(new Set(ids).size).toBe(ids?.length ?? 0);
      return ids ?? 'all';
    });
  });

  test('source tables', () => {
    overTexts(['prices', 'market.prices', '"Market data"."Some view"'], (text) => {
      const name = attempt(() => parseRelation(text));
      if (name === undefined) return undefined;
      // What SQL makes of the text is what was parsed: parts are unquoted names, or quoted ones without a quote in them.
      const parts = [...(name.schema === null ? [] : [name.schema]), name.name];
      expect(parts.map(quoteIdentifier).join('.')).toBe(
        text
          .trim()
          .split(/\.(?=(?:[^"]*"[^"]*")*[^"]*$)/)
          .map((part) => (part.startsWith('"') ? part : `"${part.toLowerCase()}"`))
          .join('.'),
      );
      return name;
    });
  });

  test('schema names', () => {
    overTexts(['public', 'Market', 'my schema'], (text) => {
      const name = attempt(() => checkName('--schema', text));
      if (name === undefined) return undefined;
      expect(name).toBe(text);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
      expect(name).not.toMatch(/\p{Cc}/u);
      return name;
    });
  });

  test('timeframes, by their own rule', () => {
    overTexts(['7D', '1W_CAL_ISO', '3M_CAL', '20Y_CAL_ANCHOR'], (text) => {
      const taken = ALIGNMENTS.flatMap(
        (alignment) => attempt(() => parseTimeframe(alignment, text), [Error]) ?? [],
      );
      for (const { tf, count } of taken) {
        expect(tf).toBe(text);
        expect(text).toMatch(/^[1-9][0-9]{0,4}[DWMY][A-Z_]*$/);
        expect(count).toBe(Number.parseInt(text, 10));
      }
      return taken[0];
    });
  });

  test('option values', () => {
    const names: readonly OptionName[] = [
      ...([
        'stalenessHours',
        'numProcesses',
        'only',
        'tfs',
        'periods',
        'tfPeriodCombos',
        'id',
        'from',
        'seed',
      ] as const),
      ...(['sample', 'period', 'runner', 'schema'] as const),
    ];
    const flags = withOptions(new Command(), names).options.filter(({ parseArg }) => parseArg !== undefined);
    expect(flags).toHaveLength(names.length);
    overTexts(['48', '1', '7D:10,7D:20', '2025-01-31', 'multi_tf'], (text) => {
      const taken = flags.flatMap(({ long, parseArg }) => {
        const value = attempt(() => parseArg?.(text, undefined as never), [UsageError, InvalidArgumentError]);
        if (long === '--staleness-hours' && value !== undefined) expect(value as number).toBeGreaterThan(0);
        return value === undefined ? [] : [value];
      });
      return taken[0];
    });
  });

  test('file names', () => {
    overTexts(['Bitcoin_1_1_2025-3_27_2026_historical_data_coinmarketcap.csv', 'Shiba Inu_1.csv'], (text) => {
      const name = assetNameOfFile(text);
      if (name === null) return undefined;
      expect(text.slice(0, text.search(/_\d/)).trim()).toBe(name);
      return name;
    });
  });

  test('URLs', () => {
    overTexts(
      ['postgresql://ann:pw@h:5432/d', 'postgres+psycopg2://h/d?sslmode=require', 'mysql://h/d'],
      (text) => {
        const found = attempt(() => resolveDatabaseUrl({ cliDbUrl: text, cwd: folder, env: {} }));
        if (found === undefined) return undefined;
        expect(found.url).toMatch(/^postgresql:\/\//);
        expect(URL.canParse(found.url)).toBe(true);
        expect(found.url).not.toMatch(/[\s#]/);
        return found;
      },
    );
  });

  test('texts of a file', async () => {
    const counts = { taken: 0, refused: 0 };
    const days = [
      `${HEADER}\n${line(1)}\n${line(2, '1e3')}`,
      'Date,Open,High,Low,Close,Volume\n2024-01-01,1,2,0.5,1.5,10\n2024-01-02,1,2,0.5,1.5,10\n',
      '1708300800,40323.83,40848.79,39867.81,39925.65,1267.941,321\n',
      'Datum;Open;High;Low;Close\n31.01.2024;1,5;2,5;0,5;1,5\n',
    ];
    await fc.assert(
      fc.asyncProperty(hostileTexts(...days), async (text) => {
        const prices = await pricesOfText(text);
        counts[prices === undefined ? 'refused' : 'taken'] += 1;
        for (const price of prices ?? [])
          for (const value of Object.values(price))
            if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
      }),
      MANY,
    );
    expect(Math.min(counts.taken, counts.refused), JSON.stringify(counts)).toBeGreaterThan(100);
  });

  test('config files', () => {
    const path = join(folder, 'db_config.env');
    const good = 'postgresql://ann:pw@h/d';
    overTexts(
      [`TARGET_DB_URL=${good}`, `export TARGET_DB_URL="${good}"\nX=1`, `# a\nTARGET_DB_URL='${good}' # b`],
      (text) => {
        writeFileSync(path, text, { mode: 0o600 });
        const found = attempt(() => findDatabaseUrl({ cwd: folder, env: {} }));
        if (found !== null && found !== undefined) expect(URL.canParse(found.url)).toBe(true);
        return found === null ? undefined : found;
      },
    );
    rmSync(path);
  });
});

/** A syntax error, or anything done to the canary, is SQL that was not meant. */
async function expectUnharmed(): Promise<void> {
  expect(await warehouse.query('select count(*), sum(n) from canary')).toEqual([[3, 6]]);
  expect(await warehouse.query('select id from dim_assets')).toEqual([]);
}

describe('against a database', () => {
  const SOME = { numRuns: 300, seed: SEED };

  test('schema names are one identifier each, whatever is in them', async () => {
    await fc.assert(
      fc.asyncProperty(hostileTexts('public', 'my schema'), async (text) => {
        if (attempt(() => checkName('--schema', text)) === undefined) {
          expect(() => openDatabase(warehouse.url, { schema: text })).toThrow(UsageError);
          return;
        }
        const database = openDatabase(warehouse.url, { schema: text, maxConnections: 1 });
        try {
          const paths = await database.read((tx) =>
            tx.query<[string]>(`select unnest(parse_ident(current_setting('search_path')))`),
          );
          expect(paths).toEqual([[text]]);
          if (text !== 'public') expect(await readSchemaState(database)).toEqual({ kind: 'missing' });
        } finally {
          await database.close();
        }
      }),
      SOME,
    );
    await expectUnharmed();
  });

  test('sources, timeframes and file names reach no statement but as values and names', async () => {
    const refused =
      /does not exist|cannot be read|is not JSON|expects|no timeframe|no period|is unknown|is no asset/;
    await fc.assert(
      fc.asyncProperty(hostileTexts('canary', 'pg_class', '7D', 'Bitcoin_1'), async (text) => {
        const attempts = [
          warehouse.database.read((tx) => readSource(tx, text)),
          selectTimeframes(warehouse.database, { tfs: [text.replaceAll('\0', '')] }),
          warehouse.database.read((tx) => identifyAsset(tx, { id: null, file: text.replaceAll('\0', '') })),
        ];
        for (const result of await Promise.allSettled(attempts))
          if (result.status === 'rejected') expect((result.reason as Error).message).toMatch(refused);
      }),
      SOME,
    );
    await expectUnharmed();
  });

  test('the SQL that grants prints makes the roles that were named, and nothing else', async () => {
    const names = [
      `x"; drop table canary; --`,
      `$grants$; drop table canary; --`,
      `'; drop table canary; --`,
      `a\\'b`,
    ];
    for (const [index, name] of names.entries()) {
      const runner = `${name} ${process.pid} ${index}`;
      await warehouse.execute(
        formatGrants({ owner: null, runner, reader: null, schema: 'public', source: null }).replaceAll(
          /^(begin|commit);$/gm,
          '',
        ),
      );
      expect(
        await warehouse.query('select has_table_privilege($1, $2, $3)', [runner, 'dim_assets', 'insert']),
      ).toEqual([[true]]);
      await warehouse.execute(`drop owned by ${quoteIdentifier(runner)}`);
      await warehouse.execute(`drop role ${quoteIdentifier(runner)}`);
    }
    await expectUnharmed();
  });
});
