/** Once per test run: one server, and in it a migrated database that tests clone. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureEmbedded, stopEmbedded } from '../../src/storage/embedded/embedded.js';
import { isAlive } from '../../src/storage/embedded/process.js';
import { createRoles, dropRoles, type TestRoles } from './roles.js';
import { SECOND_SERVER } from './second-server.js';
import { createDatabase, dropDatabase, TEST_SERVER_SETTINGS } from './server.js';
import { type PackagedServer, startPackaged } from './servers/packaged.js';
import { dropSharedTemplate } from './servers/shared-template.js';
import { migrateDatabase } from './template.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a superuser's database on the server of this run. */
    adminUrl: string;
    /** Name of the migrated database there. */
    templateDatabase: string;
    /** Roles that have their rights in it and in every clone. */
    roles: TestRoles;
    /** Servers of other major versions that the run asked for. */
    packagedServers: Omit<PackagedServer, 'remove'>[];
  }
}

const PREFIX = 'barwright-test-';
const OWNER = new RegExp(`^${PREFIX}(\\d+)-`);
let release: () => Promise<void> = async () => {};
let template = '';
const packaged: PackagedServer[] = [];

export async function setup(project: TestProject): Promise<void> {
  const given = process.env.BARWRIGHT_TEST_DB_URL;
  // Said of files that ask for none: tools/mutants runs them without the two seconds that a server takes.
  if (given === 'none') return;
  const adminUrl = given ?? (await startServer());
  const migrated = await createDatabase(adminUrl);
  template = migrated.name;
  if (given !== undefined) {
    console.log('[INFO] tests run on the server of BARWRIGHT_TEST_DB_URL');
    release = () => dropDatabase(adminUrl, template);
  }
  await migrateDatabase(migrated.url);
  const roles = await createRoles(migrated.url);
  if (given !== undefined) {
    release = async () => {
      await dropDatabase(adminUrl, template);
      await dropRoles(adminUrl, roles);
    };
  }
  // Major versions, such as 16,17.
  const majors = process.env.BARWRIGHT_TEST_SERVERS?.split(',') ?? [];
  for (const major of majors) packaged.push(await startPackaged(major));
  project.provide(
    'packagedServers',
    packaged.map(({ name, url }) => ({ name, url })),
  );
  project.provide('roles', roles);
  project.provide('adminUrl', adminUrl);
  project.provide('templateDatabase', template);
}

export async function teardown(): Promise<void> {
  for (const server of packaged) await server.remove();
  // Made by the first test that needed it, if any did.
  if (template !== '') await dropSharedTemplate(SECOND_SERVER, template).catch(() => {});
  await release();
}

async function startServer(): Promise<string> {
  await deleteLeftovers();
  const dataDir = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // As root the server runs as another user, who must be able to enter.
  chmodSync(dataDir, 0o755);
  release = () => removeServer(dataDir);
  try {
    const { url } = await ensureEmbedded({ dataDir, settings: TEST_SERVER_SETTINGS });
    return url;
  } catch (error) {
    await release();
    throw error;
  }
}

async function removeServer(dataDir: string): Promise<void> {
  await stopEmbedded({ dataDir });
  rmSync(dataDir, { recursive: true, force: true });
}

/** Servers of test runs that were killed. */
async function deleteLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(OWNER.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) await removeServer(join(tmpdir(), name)).catch(() => {});
  }
}
