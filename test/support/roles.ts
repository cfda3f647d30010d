/** Roles as `barwright grants` makes them, with a password that must appear nowhere. */
import { randomBytes } from 'node:crypto';
import { formatGrants } from '../../src/storage/schema/grants.js';
import { CANARY } from './canary.js';
import { runAdminStatement } from './server.js';

export interface TestRoles {
  owner: string;
  runner: string;
  reader: string;
}

/** Names of roles that no server has yet. */
export function nameRoles(suffix = randomBytes(6).toString('hex')): TestRoles {
  return {
    owner: `barwright_owner_${suffix}`,
    runner: `barwright_runner_${suffix}`,
    reader: `barwright_reader_${suffix}`,
  };
}

/** Makes roles for the migrated database of `url`, by the SQL that `grants` prints. */
export async function createRoles(url: string, roles: TestRoles = nameRoles()): Promise<TestRoles> {
  await runAdminStatement(url, formatGrants({ ...roles, schema: 'public', source: null }));
  for (const role of Object.values(roles))
    await runAdminStatement(url, `alter role ${role} password '${CANARY}'`);
  return roles;
}

/** Drops roles; the databases in which they have rights must be gone. */
export async function dropRoles(adminUrl: string, roles: TestRoles): Promise<void> {
  for (const role of Object.values(roles)) await runAdminStatement(adminUrl, `drop role if exists ${role}`);
}

/** The URL with another user, and the canary as password. */
export function urlAs(url: string, role: string): string {
  const { host, pathname } = new URL(url);
  return `postgresql://${role}:${encodeURIComponent(CANARY)}@${host}${pathname}`;
}
