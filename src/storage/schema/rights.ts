/** Rights on what a migration or the queue's library has made: those who had rights of a kind get them on the new things. */
import { quoteIdentifier, type Tx } from '../session/database.js';
import { listRunnerRights } from './grants.js';
import { listCreatedNames, type Migration } from './migrations.js';
import { QUEUE_RIGHTS, readQueueSchema } from './queue-schema.js';

/** A role that "barwright grants" has given rights, and of which kind. */
interface Holder {
  role: string;
  isRunner: boolean;
}

/** Every role with rights of its own here; a runner is one that may begin a run. */
async function listHolders(tx: Tx): Promise<Holder[]> {
  const rows = await tx.query<[string, boolean]>(
    `select g.rolname, exists (
       select from pg_class r, aclexplode(r.relacl) b
       where r.oid = to_regclass('refresh_run') and b.grantee = g.oid and b.privilege_type = upper('insert'))
     from pg_class c, aclexplode(c.relacl) a join pg_roles g on g.oid = a.grantee
     where c.oid = to_regclass('barwright_migration') and a.privilege_type = upper('select') and a.grantee <> c.relowner
     order by 1`,
  );
  return rows.map(([role, isRunner]) => ({ role, isRunner }));
}

/**
 * Gives the rights of a runner or a reader on what these migrations have made, in their transaction, to those who have them
 * on the rest. No default privileges: those would cover every later table of the owner, also what has nothing to do with us.
 */
export async function writeMigrationRights(tx: Tx, migrations: readonly Migration[]): Promise<void> {
  const holders = await listHolders(tx);
  if (holders.length === 0) return;
  const made = migrations.flatMap(listCreatedNames);
  const rightsOf = new Map(listRunnerRights().map(({ table, rights }) => [table, rights]));
  const found = await tx.query<[string]>(
    `select c.relname from pg_class c
     where c.relnamespace = quote_ident(current_schema())::regnamespace and c.relkind in ('r', 'v') and c.relname = any ($1)`,
    [made],
  );
  for (const [name] of found)
    for (const { role, isRunner } of holders)
      await tx.execute(
        `grant ${isRunner ? (rightsOf.get(name) ?? 'select') : 'select'} on ${quoteIdentifier(name)} to ${quoteIdentifier(role)}`,
      );
}

/** Gives the runners that may use the schema of the queue what a worker needs there, and takes back what they had besides. */
export async function writeQueueRights(tx: Tx, schema: string): Promise<void> {
  const queue = readQueueSchema(schema);
  const runners = (await listHolders(tx)).filter(({ isRunner }) => isRunner);
  const tables = await tx.query<[string]>(
    `select c.relname from pg_class c where c.relnamespace = to_regnamespace($1)
       and c.relkind in ('r', 'p') and pg_has_role(c.relowner, 'usage')`,
    [quoteIdentifier(queue)],
  );
  for (const { role } of runners) {
    const rows = await tx.query<[boolean]>(`select has_schema_privilege($1, $2, 'usage')`, [role, queue]);
    if (rows[0]?.[0] !== true) continue;
    for (const [name] of tables) {
      const table = `${quoteIdentifier(queue)}.${quoteIdentifier(name)}`;
      await tx.execute(`revoke all on ${table} from ${quoteIdentifier(role)}`);
      const rights = QUEUE_RIGHTS.get(name);
      if (rights !== undefined) await tx.execute(`grant ${rights} on ${table} to ${quoteIdentifier(role)}`);
    }
  }
}
