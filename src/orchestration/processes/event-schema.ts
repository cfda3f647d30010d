import { z } from 'zod';
import {
  ACTIONS,
  COMPONENTS,
  type ComponentEvent,
  EVENT_VERSION,
  OUTCOME_STATUSES,
} from '../../domain/planning/outcome.js';

const outcome = z.object({
  id: z.int(),
  status: z.enum(OUTCOME_STATUSES),
  action: z.enum(ACTIONS),
  reason: z.string(),
  rowsNeeded: z.number(),
  rowsWritten: z.number(),
  rejects: z.number(),
  repairs: z.number(),
  gaps: z.number(),
  backfilled: z.boolean(),
  judged: z.array(z.string()).readonly().exactOptional(),
  durationMs: z.number(),
  fault: z.object({ cause: z.string(), isData: z.boolean(), isOwn: z.boolean() }).exactOptional(),
});

const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), component: z.enum(COMPONENTS), assets: z.number() }),
  z.object({ type: z.literal('asset_started'), id: z.int() }),
  z.object({ type: z.literal('asset_finished'), outcome }),
  z.object({
    type: z.literal('series'),
    id: z.int(),
    alignment: z.string(),
    tf: z.string(),
    rows: z.number(),
  }),
  z.object({ type: z.literal('message'), level: z.enum(['info', 'warning']), text: z.string() }),
  z.object({ type: z.literal('heartbeat') }),
  z.object({ type: z.literal('failed'), error: z.string() }),
  z.object({ type: z.literal('finished') }),
]);

const line = z.object({ version: z.literal(EVENT_VERSION), event });

/** One line of a child's event stream, checked; null when it is no event of this version. */
export function parseEvent(text: string): ComponentEvent | null {
  try {
    return line.parse(JSON.parse(text)).event;
  } catch {
    return null;
  }
}
