import { type ComponentEvent, EVENT_VERSION } from '../../domain/planning/outcome.js';

/** The line that parseEvent reads back. */
export function formatEvent(each: ComponentEvent): string {
  return `${JSON.stringify({ version: EVENT_VERSION, event: each })}\n`;
}
