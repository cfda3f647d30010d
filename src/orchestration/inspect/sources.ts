/** Tables of prices as they are described: looked at before, and listed after. */

import { type Day, dayOfUs } from '../../domain/calendar/day.js';
import { formatGrace } from '../../domain/calendar/lateness.js';
import { type DailyPrice, judgePrices } from '../../domain/prices/price.js';
import type { SpanShape } from '../../domain/prices/span.js';
import { parseSourceText, readDescription } from '../../domain/source/description.js';
import type { Database, Tx } from '../../storage/session/database.js';
import { type Proposal, readProposal } from '../../storage/source/propose.js';
import { readSample, readSourceSpan } from '../../storage/source/sample.js';
import { readDescribedSource, readSource, type Source } from '../../storage/source/source.js';

/** A row as it would be read. Times are ISO, UTC. */
export interface ReadRow {
  id: number;
  day: Day;
  open: number | null;
  high: number | null;
  low: number | null;
  close: number | null;
  volume: number | null;
  timeOpen: string | null;
  timeClose: string | null;
  /** Why it would be refused; null: it becomes a bar. */
  verdict: string | null;
}

/** What looking at a table came to. */
export interface TableLook {
  relation: string;
  /** For barwright.config.json. */
  description: Record<string, unknown>;
  notes: string[];
  shape: SpanShape | null;
  rows: ReadRow[];
  /** Why it cannot be read so; null: it can. */
  problem: string | null;
}

const SHOWN_ROWS = 5;

/** Looks at a table; `text` is its name, and settings where the person knows better. Writes nothing. Throws UsageError on settings that are wrong. */
export function lookAtTable(database: Database, text: string): Promise<TableLook> {
  const given = parseSourceText(text);
  const [[table = text, said = null] = []] = given === null ? [] : [...given.sources];
  return database.read(async (tx) => {
    const proposal = await readProposal(tx, table, said === null ? {} : settingsOf(text, table));
    return lookAtProposal(tx, table, proposal);
  });
}

/** What a person has typed after the table, as keys of a description. */
function settingsOf(text: string, table: string): Record<string, unknown> {
  const described = parseSourceText(text)?.sources.get(table);
  if (described === undefined) return {};
  const { columns, unit, dayEnd, zone, isSession, currency, volume, expectation } = described;
  const { calendar, grace } = expectation;
  const isTyped = (key: string) => new RegExp(`\\s${key}=`).test(text);
  return {
    columns,
    ...(unit === null ? {} : { unit }),
    ...(isTyped('dated') ? { day: dayEnd } : {}),
    ...(isTyped('zone') ? { zone } : {}),
    ...(isSession ? { session: true } : {}),
    ...(currency === null ? {} : { currency }),
    ...(volume === null ? {} : { volume }),
    ...(calendar === null ? {} : { calendar }),
    ...(grace === null ? {} : { lateAfter: formatGrace(grace) }),
  };
}

async function lookAtProposal(tx: Tx, table: string, proposal: Proposal): Promise<TableLook> {
  const { description, missing, notes, shape, columns } = proposal;
  const look = { relation: table, description, notes, shape };
  if (missing.length > 0) {
    const names = missing.map((role) => `${role}=COLUMN`).join(' ');
    const one = missing.includes('id') ? ' (id=7 where the table is of that asset alone)' : '';
    return {
      ...look,
      rows: [],
      problem: `no column was found for ${missing.join(', ')}: it has ${columns.join(', ')}; type "barwright source add ${table} ${names}"${one}`,
    };
  }
  const source = await readDescribedSource(tx, table, readDescription(description, table));
  const rows = await readSample(tx, source, SHOWN_ROWS);
  return { ...look, rows: rows.map(({ id, price }) => readAs(source, id, price)), problem: null };
}

function readAs(source: Source, id: number, price: DailyPrice): ReadRow {
  const { rejects } = judgePrices([price], 1, { rowsOf: source.parts[0]?.rowsOf ?? 'utc_days' });
  const time = (us: number | null) =>
    us === null || !Number.isFinite(us) ? null : new Date(us / 1000).toISOString();
  return {
    id,
    day: dayOfUs(price.timestampUs),
    ...{ open: price.open, high: price.high, low: price.low, close: price.close, volume: price.volume },
    timeOpen: time(price.timeOpenUs),
    timeClose: time(price.timeCloseUs),
    verdict: rejects.find(({ action }) => action === 'rejected')?.reason ?? null,
  };
}

/** One source, for a list. */
export interface SourceSummary {
  name: string;
  relation: string;
  /** How it is read, in words. */
  how: string;
  assets: number;
  firstDay: Day | null;
  lastDay: Day | null;
}

/** What is read, and what it holds; `text` is what --source gave. */
export function listSources(database: Database, text: string | null): Promise<SourceSummary[]> {
  return database.read(async (tx) => {
    const source = await readSource(tx, text);
    const summaries: SourceSummary[] = [];
    for (const part of source.parts) {
      const { description } = part;
      const days =
        description === null
          ? 'days of UTC'
          : `${description.isSession ? 'sessions' : 'days'} of ${description.zone}`;
      const changes = part.isTracked ? 'changes noted by triggers' : 'changes found by fingerprints';
      summaries.push({
        name: part.label,
        relation: `${part.schema}.${part.name}`,
        how: `${days}, ${changes}`,
        ...(await readSourceSpan(tx, part)),
      });
    }
    return summaries;
  });
}

/** The names of all sources of a text of --source. */
export async function listSourceNames(tx: Tx, text: string | null): Promise<string[]> {
  return (await readSource(tx, text)).parts.map(({ label }) => label);
}
