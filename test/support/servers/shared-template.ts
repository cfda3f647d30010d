/** A migrated database on a server beside this run's own one, which tests clone there: made by the first that needs it. */
import pg from 'pg';
import { createRoles, dropRoles, nameRoles, type TestRoles } from '../roles.js';
import { runAdminStatement, urlOf } from '../server.js';
import { migrateDatabase } from '../template.js';

export interface SharedTemplate {
  /** Of the database. */
  name: string;
  /** They have their rights in it and in every clone. */
  roles: TestRoles;
}

const WAIT_TIMEOUT_MS = 90_000;
const made = new Map<string, Promise<void>>();

/** The template of the run whose own template has this name. */
export async function sharedTemplate(serverUrl: string, ownTemplate: string): Promise<SharedTemplate> {
  const template = nameTemplate(ownTemplate);
  const key = `${serverUrl} ${template.name}`;
  let making = made.get(key);
  if (making === undefined) {
    making = makeOnce(serverUrl, template);
    made.set(key, making);
  }
  await making;
  return template;
}

/** Drops the template and its roles where they are; no clone may be left. */
export async function dropSharedTemplate(serverUrl: string, ownTemplate: string): Promise<void> {
  const { name, roles } = nameTemplate(ownTemplate);
  if ((await findTemplate(serverUrl, name)).length === 0) return;
  await runAdminStatement(serverUrl, `alter database ${name} is_template false`);
  await runAdminStatement(serverUrl, `drop database ${name} with (force)`);
  await dropRoles(serverUrl, roles);
}

/** The server may be that of the run itself, so nothing may have the same name. */
function nameTemplate(ownTemplate: string): SharedTemplate {
  const name = `${ownTemplate}_shared`;
  return { name, roles: nameRoles(name.replace('barwright_test_', '')) };
}

function findTemplate(serverUrl: string, name: string): Promise<unknown[][]> {
  return runAdminStatement(serverUrl, `select from pg_database where datname = '${name}' and datistemplate`);
}

/** Processes of tests come at the same time: one makes it, the others wait. */
async function makeOnce(serverUrl: string, { name, roles }: SharedTemplate): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl, query_timeout: WAIT_TIMEOUT_MS });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(hashtext($1))', [name]);
    if ((await findTemplate(serverUrl, name)).length > 0) return;
    await runAdminStatement(serverUrl, `create database ${name} template template0`);
    await migrateDatabase(urlOf(serverUrl, name));
    await createRoles(urlOf(serverUrl, name), roles);
    await runAdminStatement(serverUrl, `alter database ${name} is_template true`);
  } finally {
    await client.end();
  }
}
