/** `/api/live`: the state as server-sent events. */
import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { RefusedError } from '../answers/errors.js';
import type { LiveWatch } from '../answers/live.js';
import type { LiveState } from '../api/api-types.js';
import type { KnownVariables } from './guards.js';
import { toJson } from './json.js';

const STILL_THERE_MS = 15_000;
/** Pages of one server at a time; a browser opens one stream a tab. */
const MOST_STREAMS = 100;

/**
 * A slow reader gets the newest state, not a queue of old ones. A stream has its slot as long as the connection has its
 * answer: it is given back also after a HEAD, whose stream has no reader, and when the reader goes before it begins.
 */
export function liveRoutes(live: LiveWatch): Hono<{ Bindings: HttpBindings; Variables: KnownVariables }> {
  const app = new Hono<{ Bindings: HttpBindings; Variables: KnownVariables }>();
  const open = new Set<ServerResponse>();
  app.get('/api/live', (c) => {
    if (open.size >= MOST_STREAMS)
      throw new RefusedError('conflict', `${MOST_STREAMS} pages are open already: close some of them`);
    const outgoing = c.env.outgoing as ServerResponse;
    open.add(outgoing);
    const over = new AbortController();
    finished(outgoing, () => {
      open.delete(outgoing);
      over.abort();
    });
    c.header('x-accel-buffering', 'no');
    return streamSSE(c, async (stream) => {
      const news = listenTo(live, over.signal);
      // A login that has ended gets nothing more.
      while (!over.signal.aborted && (c.var.isStillKnown?.() ?? true)) {
        const state = await news.next();
        if (over.signal.aborted) return;
        if (state !== null) await stream.writeSSE({ event: 'state', data: toJson(state), retry: 2000 });
        else await stream.write(': still here\n\n');
      }
    });
  });
  return app;
}

interface News {
  /** The newest state that was not given yet; null: there was none for a while, or it is over. */
  next(): Promise<LiveState | null>;
}

function listenTo(live: LiveWatch, over: AbortSignal): News {
  let newest: LiveState | null = null;
  let wake = () => {};
  const end = live.listen((state) => {
    newest = state;
    wake();
  });
  over.addEventListener('abort', () => {
    end();
    wake();
  });
  if (over.aborted) end();
  return {
    async next() {
      if (newest === null && !over.aborted)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, STILL_THERE_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      const state = newest;
      newest = null;
      return state;
    },
  };
}
