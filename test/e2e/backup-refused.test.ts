/** Backups that are damaged, foreign or of another version, and places that are not free: one error, nothing changed. */
import { copyFileSync, cpSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { formatManifest, readManifest } from '../../src/storage/backup/manifest.js';
import { writeFromBackup } from '../../src/storage/backup/restore.js';
import { createBackupFolder, createEmptyWarehouse, filesOf } from '../support/backups.js';
import { type Fingerprints, readRecords } from '../support/contents.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const folder = createBackupFolder();
const { newPath } = folder;
const NEVER = new AbortController().signal;
afterAll(() => folder.remove());

describe('what is refused', () => {
  let original: Warehouse;
  let target: Warehouse;
  let before: Fingerprints;
  const good = newPath();
  let backup: string;

  beforeAll(async () => {
    original = await createWarehouse({}, [{ ids: [1], days: 60 }]);
    await expectExit(0, original.run(['refresh', '--all']));
    await expectExit(0, original.run(['db', 'backup', good]));
    target = await createEmptyWarehouse();
    before = await readRecords(target.database);
  });
  afterAll(async () => {
    await original?.drop();
    await target?.drop();
  });
  beforeEach(() => {
    backup = newPath();
    cpSync(good, backup, { recursive: true });
  });

  async function expectRefusal(code: number, words: RegExp, args: readonly string[] = []): Promise<void> {
    const { stdout, stderr } = await expectExit(code, target.run(['db', 'restore', backup, ...args]));
    expect(stdout).toMatch(words);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^\[INFO\] database: [^\n]+\n$/);
    expect(await readRecords(target.database)).toEqual(before);
    expect(
      await target.query(`select relname from pg_class where relnamespace = 'public'::regnamespace`),
    ).toEqual([]);
  }

  test('a flipped bit anywhere in any file', async () => {
    for (const [name, bytes] of Object.entries(filesOf(good))) {
      const ends = /^(manifest|price_bars\.)/.test(name) ? [0, bytes.length - 2] : [];
      for (const at of [Math.floor(bytes.length / 2), ...ends]) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ 1;
        writeFileSync(join(backup, name), damaged);
        const restoring = writeFromBackup(target.database, { directory: backup, signal: NEVER });
        await expect(restoring).rejects.toThrow(
          new RegExp(`^the backup in .* cannot be used, nothing was changed: ${name}`),
        );
        expect(await readRecords(target.database)).toEqual(before);
      }
      writeFileSync(join(backup, name), bytes);
    }
    // The same by the program itself.
    writeFileSync(join(backup, 'price_bars.csv.gz'), 'not what it was');
    await expectRefusal(1, /^\[FAILED\] the backup in .*nothing was changed: price_bars\.csv\.gz/);
  });

  test('a file that is cut off, missing, or the one of another table', async () => {
    truncateSync(join(backup, 'price_bars.csv.gz'), 500);
    await expectRefusal(1, /price_bars\.csv\.gz has 500 bytes, the manifest says \d+/);
    rmSync(join(backup, 'price_bars.csv.gz'));
    await expectRefusal(1, /price_bars\.csv\.gz is missing/);
    copyFileSync(join(good, 'bar_carry.csv.gz'), join(backup, 'price_bars.csv.gz'));
    await expectRefusal(1, /price_bars\.csv\.gz has \d+ bytes, the manifest says/);
  });

  test('a folder that is no backup, and a manifest of something else', async () => {
    rmSync(join(backup, 'manifest.json'));
    await expectRefusal(2, /there is no backup in .*: manifest\.json cannot be read \(ENOENT\)/);
    writeFileSync(join(backup, 'manifest.json'), '{"name": "an extension", "manifest_version": 3}');
    await expectRefusal(2, /there is no backup in .*: manifest\.json is not one of barwright's/);
  });

  test('another format, and a schema that this barwright does not know', async () => {
    const manifest = await readManifest(good);
    const write = (changed: object) => {
      const { name, text } = formatManifest({ ...manifest, ...changed });
      writeFileSync(join(backup, name), text);
    };
    write({ formatVersion: 2, barwright: '9.0.0' });
    await expectRefusal(1, /format version 2, this barwright reads version 1.*\(9\.0\.0\)/);
    const tomorrow = { number: 999, name: '999_tomorrow', checksum: '0'.repeat(64) };
    write({ migrations: [...manifest.migrations, tomorrow] });
    await expectRefusal(1, /newer barwright .* with 999_tomorrow: update barwright first/);
    write({ migrations: manifest.migrations.map((each) => ({ ...each, checksum: '0'.repeat(64) })) });
    await expectRefusal(1, /made with another text of 001_dimensions/);
    write({ tables: manifest.tables.map((table) => ({ ...table, rows: table.rows + 1 })) });
    await expectRefusal(1, /gave \d+ rows, the manifest says/);
    write({ tables: manifest.tables.map((table) => ({ ...table, contentSha256: '0'.repeat(64) })) });
    await expectRefusal(1, /read back from this server, are not those of the backup/);
  });

  test('a schema with contents, named; one that only "init" made is fine', async () => {
    const { stdout } = await expectExit(1, original.run(['db', 'restore', backup]));
    expect(stdout).toMatch(
      /schema "public" is not empty \(cmc_price_histories7 has rows\), nothing was changed: .*--schema/,
    );
    const initialised = await createWarehouse();
    await expectExit(0, initialised.run(['db', 'restore', backup]));
    expect(await readRecords(initialised.database)).toEqual(await readRecords(original.database));
    await initialised.drop();
  });

  test('a target that is there already, or is nowhere; a failed backup leaves nothing behind', async () => {
    const files = filesOf(backup);
    const { stdout } = await expectExit(2, original.run(['db', 'backup', backup]));
    expect(stdout).toMatch(/is there already: a backup is never written over/);
    expect(filesOf(backup)).toEqual(files);
    const nowhere = await expectExit(2, original.run(['db', 'backup', join(folder.path, 'no', 'where')]));
    expect(nowhere.stdout).toMatch(/a backup goes into a folder that is there/);
    const names = readdirSync(folder.path);
    const failed = await expectExit(1, target.run(['db', 'backup', newPath()]));
    expect(failed.stdout).toMatch(/schema "public" has no barwright tables: there is nothing to back up/);
    expect(readdirSync(folder.path)).toEqual(names);
  });
});
