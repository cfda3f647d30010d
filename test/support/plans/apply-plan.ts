/** A database of a test's own, made to answer by a plan. */
import pg from 'pg';
import { runAdminStatement } from '../server.js';
import type { Plan } from './plans.js';

/** Makes a database, to which nobody is connected yet, answer by a plan. */
export async function applyPlan(url: string, { settings = {}, statements = [] }: Plan): Promise<void> {
  const name = pg.escapeIdentifier(new URL(url).pathname.slice(1));
  for (const [setting, value] of Object.entries(settings)) {
    const known = setting === 'PARALLEL' ? await parallelSetting(url) : setting;
    await runAdminStatement(url, `alter database ${name} set ${known} = '${value}'`);
  }
  for (const statement of statements) {
    const rows = await runAdminStatement(url, statement);
    await runAdminStatement(url, rows.map(([text]) => text).join('; '));
  }
}

/** What forces workers has got another name in version 16. */
async function parallelSetting(url: string): Promise<string> {
  const rows = await runAdminStatement(url, `select current_setting('server_version_num')::int >= 160000`);
  return rows[0]?.[0] === true ? 'debug_parallel_query' : 'force_parallel_mode';
}
