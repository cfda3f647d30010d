/** `doctor`: everything that a run depends on, looked at one by one; what cannot be looked at is a finding, not an error. */
import { statfsSync } from 'node:fs';
import { warningOfClock } from '../../domain/calendar/clock.js';
import { repairBinaries } from '../../storage/embedded/binaries.js';
import { findConnection } from '../../storage/embedded/connection.js';
import { findEmbedded } from '../../storage/embedded/embedded.js';
import { embeddedPaths } from '../../storage/embedded/paths.js';
import { findPermissionAdvice } from '../../storage/failures/permissions.js';
import { listKept } from '../../storage/prices/kept-days.js';
import { checkSchema } from '../../storage/schema/migrate.js';
import { readSchemaDamage, type SchemaDamage, type SchemaObject } from '../../storage/schema/objects.js';
import {
  listMissingRights,
  listMissingTriggers,
  readClockDifference,
  readIsReadable,
  readServerFacts,
  readWhyReadOnly,
} from '../../storage/schema/server-facts.js';
import { type Database, openDatabase } from '../../storage/session/database.js';
import { hidePassword } from '../../storage/settings/secrets.js';
import { readSource, type SourcePart } from '../../storage/source/source.js';
import { findChannels } from '../alerts/channels.js';
import { formatKept } from '../findings/name-kept-days.js';
import { describeError } from '../program/describe-error.js';
import { checkActiveIndicators, checkIndicatorFiles } from './doctor-indicators.js';

export type CheckStatus = 'ok' | 'warning' | 'failed';

/** One thing that was looked at. */
export interface Check {
  name: string;
  status: CheckStatus;
  /** One sentence: what was found and, unless it is ok, what to do. */
  message: string;
}

/** A setting with where it comes from: "--schema", "BARWRIGHT_SCHEMA", "default". */
export interface Setting {
  name: string;
  value: string;
  from: string;
}

export interface DoctorRequest {
  dbUrl?: string;
  embedded?: boolean;
  dataDir?: string;
  schema: string;
  source: string | null;
  settings: readonly Setting[];
  /** What is wrong with where they stand, as sentences. */
  settingFaults: readonly string[];
  /** The alert command of the configuration; null: there is none. */
  alertCommand: string | null;
}

type Found = Omit<Check, 'name'>;
const ok = (message: string): Found => ({ status: 'ok', message });
const warning = (message: string): Found => ({ status: 'warning', message });
const failed = (message: string): Found => ({ status: 'failed', message });

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const OLDEST_MAJOR = 15;
const NEWEST_MAJOR = 18;
const GB = 1e9;
const LITTLE_DISK_BYTES = GB;
const NO_DISK_BYTES = 0.1 * GB;
const MOST_NAMED = 12;

/** Looks at everything and says it as it goes. Never throws, starts no server, writes nothing but library links that are missing. */
export async function runDoctor(request: DoctorRequest, onCheck: (check: Check) => void): Promise<Check[]> {
  const checks: Check[] = [];
  const look: Look = async (name, work) => {
    const found = await work().catch((error: unknown) => failed(describeError(error)));
    for (const each of [found].flat()) {
      const check = { name, status: each.status, message: hidePassword(each.message) };
      checks.push(check);
      onCheck(check);
    }
  };
  for (const { name, value, from } of request.settings)
    await look('setting', async () => ok(`${name}: ${value} (${from})`));
  for (const fault of request.settingFaults) await look('setting', async () => failed(fault));
  await look('alerts', async () => checkAlerts(request));
  await look('embedded programs', async () => checkBinaries(request));
  await look('embedded disk', async () => checkDisk(request));
  await look('indicator files', async () => checkIndicatorFiles());
  const url = await findUrl(request, look);
  if (url !== null) await checkDatabase(request, url, look);
  return checks;
}

/** Which channels are set up; half of a setting is a warning. A message is sent by `alert --test` only. */
function checkAlerts({ alertCommand }: DoctorRequest): Found | Found[] {
  const { channels, warnings } = findChannels(process.env, alertCommand);
  if (channels.length === 0 && !warnings.some((each) => each.startsWith('no alert by')))
    return ok('no alert can be sent: no channel is set up');
  const names = channels.map(({ name }) => name).join(', ');
  return [
    ...(channels.length === 0 ? [] : [ok(`${names}; "barwright alert --test" sends a message`)]),
    ...warnings.map(warning),
  ];
}

type Look = (name: string, work: () => Promise<Found | Found[]>) => Promise<void>;

const isEmbedded = ({ embedded, dbUrl }: DoctorRequest): boolean =>
  embedded ?? (dbUrl === undefined && process.env.BARWRIGHT_DB === 'embedded');
const dataDirOf = ({ dataDir }: DoctorRequest): string | null =>
  dataDir ?? process.env.BARWRIGHT_DATA_DIR ?? null;

function checkBinaries(request: DoctorRequest): Found {
  try {
    const { version, isCopied, repaired } = repairBinaries(embeddedPaths(dataDirOf(request)).root);
    if (!isCopied) return ok(`PostgreSQL ${version} is there, and copied on the first start`);
    if (repaired.length === 0) return ok(`PostgreSQL ${version}, all library links are there`);
    return warning(
      `${repaired.length} library links were missing and have been made again: ${repaired.join(', ')}`,
    );
  } catch (error) {
    // Who uses a server of their own does not need them.
    if (!isEmbedded(request)) return ok(`not here, and not used: ${describeError(error)}`);
    throw error;
  }
}

/** Free space where the embedded server keeps its data. */
function checkDisk(request: DoctorRequest): Found {
  const { root } = embeddedPaths(dataDirOf(request));
  const free = freeBytes(root);
  if (free === null) return ok(`${root} does not exist yet`);
  const text = `${formatBytes(free)} free in ${root}`;
  if (free < NO_DISK_BYTES)
    return failed(`${text}: the server will stop; make room, or move it (--data-dir)`);
  return free < LITTLE_DISK_BYTES ? warning(`${text}: make room before it is used up`) : ok(text);
}

function freeBytes(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function findUrl(request: DoctorRequest, look: Look): Promise<string | null> {
  let url: string | null = null;
  await look('database', async () => {
    if (isEmbedded(request) && request.dbUrl === undefined) {
      const server = await findEmbedded({ dataDir: dataDirOf(request) });
      if (server === null || !server.running) {
        const state = server === null ? 'does not exist yet' : 'is not running';
        return warning(`the embedded server ${state}: "barwright db start" starts it; it was not looked at`);
      }
    }
    const connection = await findConnection({ ...request, mayStart: false });
    url = connection.url;
    return [ok(`${connection.url} (from ${connection.source})`), ...connection.warnings.map(warning)];
  });
  return url;
}

async function checkDatabase(request: DoctorRequest, url: string, look: Look): Promise<void> {
  const { schema } = request;
  const database = openDatabase(url, {
    ...{ schema, maxConnections: 1 },
    ...{ connectTimeoutMs: CONNECT_TIMEOUT_MS, statementTimeoutMs: STATEMENT_TIMEOUT_MS },
  });
  try {
    let isReached = false;
    let hasSchema = false;
    await look('server', async () => {
      const found = await checkServer(database);
      isReached = true;
      return found;
    });
    if (!isReached) return;
    await look('writes', () => checkWrites(database));
    await look('clock', () => checkClock(database));
    await look('schema', async () => {
      await checkSchema(database);
      hasSchema = true;
      return ok(`"${schema}" is what this barwright works with, checksums included`);
    });
    if (hasSchema) await look('schema objects', () => checkObjects(database));
    await look('rights', () => checkRights(database, hasSchema));
    await look('source', () => checkSource(database, request.source));
    if (hasSchema) await look('kept days', () => checkKept(database));
    if (hasSchema) await look('indicators', () => checkActiveIndicators(database));
  } finally {
    await database.close();
  }
}

/** Views, functions, indexes and triggers: the checksums say which texts ran, not what became of them since. */
async function checkObjects(database: Database): Promise<Found> {
  let damage: SchemaDamage;
  try {
    damage = await readSchemaDamage(database);
  } catch (error) {
    if (findPermissionAdvice(error) === null) throw error;
    return ok(
      'views, functions, indexes and triggers were not compared: the role may make no schema; the owner may',
    );
  }
  const { missing, changed } = damage;
  if (missing.length + changed.length === 0)
    return ok('views, functions, indexes and triggers are as they were made');
  const named = (what: string, objects: readonly SchemaObject[]) =>
    objects.length === 0
      ? []
      : [
          `${what}: ${objects
            .slice(0, MOST_NAMED)
            .map(({ kind, name }) => `${kind} ${name}`)
            .join(', ')}${objects.length > MOST_NAMED ? ', …' : ''}`,
        ];
  const all = [...named('missing', missing), ...named('changed', changed)].join('; ');
  return failed(`${all}; "barwright migrate" makes them again`);
}

async function checkServer(database: Database): Promise<Found> {
  const { version, major, role, database: name, sizeBytes } = await database.read(readServerFacts);
  const text = `PostgreSQL ${version}, database "${name}" of ${formatBytes(sizeBytes)}, as role "${role}"`;
  if (major < OLDEST_MAJOR) return failed(`${text}: PostgreSQL ${OLDEST_MAJOR} or newer is needed`);
  if (major > NEWEST_MAJOR)
    return warning(`${text}: tested with ${OLDEST_MAJOR} and ${NEWEST_MAJOR}, not with ${major}`);
  return ok(text);
}

async function checkWrites(database: Database): Promise<Found> {
  const why = await database.read(readWhyReadOnly);
  return why === null ? ok('are taken') : failed(`are refused: ${why}`);
}

async function checkClock(database: Database): Promise<Found> {
  const difference = await readClockDifference(database);
  const text = warningOfClock(difference);
  if (text !== null) return warning(text);
  return ok(`differs by ${Math.abs(difference.seconds).toFixed(1)} s from the database's`);
}

async function checkRights(database: Database, hasSchema: boolean): Promise<Found> {
  const { role } = await database.read(readServerFacts);
  const missing = await database.read((tx) => listMissingRights(tx, database.schema));
  if (missing.length === 0)
    return ok(
      hasSchema ? `"${role}" may do what a run does` : `"${role}" may do what a run does to what is there`,
    );
  const named = missing.slice(0, MOST_NAMED).join(', ');
  const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : '';
  return failed(
    `"${role}" lacks rights that a run needs: ${named}${more}; "barwright grants --runner ${role}" prints the SQL that gives them`,
  );
}

async function checkSource(database: Database, text: string | null): Promise<Found | Found[]> {
  const source = await database.read((tx) => readSource(tx, text));
  const found: Found[] = [];
  for (const part of source.parts) found.push(await checkPart(database, part));
  return found;
}

async function checkPart(database: Database, source: SourcePart): Promise<Found> {
  const relation = `${source.schema}.${source.name}`;
  const label = source.description === null ? relation : `${source.label} (${relation})`;
  if (!(await database.read((tx) => readIsReadable(tx, source))))
    return failed(
      `${label} may not be read: "barwright grants --runner ROLE --source ${relation}" prints the SQL for it`,
    );
  if (source.isTracked) return ok(`${label}, changes are noted by triggers`);
  if (source.description !== null) return ok(`${label}, described; changes are found by fingerprints`);
  const missing = await database.read((tx) => listMissingTriggers(tx, source));
  const why =
    missing.length === 0 ? 'made for another form of it' : `missing or switched off: ${missing.join(', ')}`;
  return warning(
    `${label}, note triggers ${why}; every run compares fingerprints instead ("barwright init --track-changes" follows a table)`,
  );
}

/** Days that stay though the source does not prove them. */
async function checkKept(database: Database): Promise<Found | Found[]> {
  const kept = await database.read((tx) => listKept(tx, null));
  if (kept.length === 0) return ok('none: every 1D bar is a row of its source');
  const found = kept.slice(0, MOST_NAMED).map((span) => {
    const drop = `"barwright refresh --all --ids ${span.id} --accept-deletions" drops what is kept of it`;
    // What a source has lost by its retention is as it should be.
    return (span.reason === 'gone' ? ok : warning)(`${formatKept(span)}; ${drop}`);
  });
  const rest = kept.length - found.length;
  return rest === 0 ? found : [...found, ok(`and ${rest} more, in the table price_kept`)];
}

function formatBytes(bytes: number): string {
  return bytes >= GB ? `${(bytes / GB).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
