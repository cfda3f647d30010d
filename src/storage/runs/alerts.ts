import type { Tx } from '../session/database.js';

/** What is remembered of one cause that was, or was not yet, sent. Times are epoch milliseconds. */
export interface StoredAlert<Kind extends string = string> {
  key: string;
  kind: Kind;
  component: string | null;
  ids: number[];
  words: string;
  isOpen: boolean;
  /** It was sent since it is open, so its end is sent too. */
  isTold: boolean;
  firstSeenMs: number;
  lastSeenMs: number;
  /** null: it was never sent. */
  lastSentMs: number | null;
}

type AlertRow = [
  key: string,
  kind: string,
  component: string | null,
  ids: number[],
  words: string,
  isOpen: boolean,
  isTold: boolean,
  ...times: [firstSeenUs: number, lastSeenUs: number, lastSentUs: number | null],
];

const KEPT_DAYS = 400;

/** Every cause that is remembered. */
export async function listAlerts<Kind extends string>(tx: Tx): Promise<StoredAlert<Kind>[]> {
  const rows = await tx.query<AlertRow>(
    `select cause, kind, component, ids, words, is_open, is_told, first_seen, last_seen, last_sent
     from alert_log order by cause`,
  );
  return rows.map(([key, kind, component, ids, words, isOpen, isTold, firstUs, lastUs, sentUs]) => ({
    key,
    kind: kind as Kind,
    component,
    ids,
    words,
    isOpen,
    isTold,
    firstSeenMs: firstUs / 1000,
    lastSeenMs: lastUs / 1000,
    lastSentMs: sentUs === null ? null : sentUs / 1000,
  }));
}

/** Remembers causes, the later memory of each winning, and forgets what ended more than 400 days ago. */
export async function upsertAlerts(tx: Tx, alerts: readonly StoredAlert[]): Promise<void> {
  await tx.execute(
    `insert into alert_log as a (cause, kind, component, ids, words, is_open, is_told, first_seen, last_seen, last_sent)
     select e.key, e.kind, e.component, e.ids, e.words, e."isOpen", e."isTold", to_timestamp(e."firstSeenMs" / 1000),
            to_timestamp(e."lastSeenMs" / 1000), to_timestamp(e."lastSentMs" / 1000)
     from jsonb_to_recordset($1::jsonb) as e (key text, kind text, component text, ids int[], words text, "isOpen" boolean,
       "isTold" boolean, "firstSeenMs" float8, "lastSeenMs" float8, "lastSentMs" float8)
     on conflict (cause) do update
       set kind = excluded.kind, component = excluded.component, ids = excluded.ids, words = excluded.words,
           is_open = excluded.is_open, is_told = excluded.is_told, first_seen = excluded.first_seen,
           last_seen = excluded.last_seen, last_sent = excluded.last_sent
       where a.last_seen <= excluded.last_seen`,
    [JSON.stringify(alerts)],
  );
  await tx.execute(
    `delete from alert_log where (not is_open or kind = 'death') and last_seen < now() - make_interval(days => $1)`,
    [KEPT_DAYS],
  );
}
