/** `barwright serve`, from the request to the socket. */
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { UsageError } from '../domain/text/errors.js';
import { openDatabase } from '../storage/session/database.js';
import { rememberSecret } from '../storage/settings/secrets.js';
import { watchLive } from './answers/live.js';
import { keepStarts } from './answers/starts.js';
import { openWarehouse, type WarehouseRequest } from './open-warehouse.js';
import { createApp } from './server/app.js';
import { isLoopback } from './server/guards.js';

export interface ServeRequest extends WarehouseRequest {
  host: string;
  /** 0: a free one. */
  port: number;
  allowRun: boolean;
  /** Further names by which it is reached. */
  allowedHosts: readonly string[];
  /** What the environment gives; null: one is made where one is wanted. */
  token: string | null;
}

export interface Serving {
  url: string;
  /** null: none is asked for. */
  token: string | null;
  isTokenMade: boolean;
  warnings: string[];
  /** Ends it; returns the process of a refresh that continues, null: none does. */
  close(): Promise<number | null>;
}

const LIVE_LIMITS = { maxConnections: 1, connectTimeoutMs: 3_000, statementTimeoutMs: 3_000 };
const SHORTEST_TOKEN = 16;
const CLOSE_MS = 500;
/** The head and the body of a request must be there after this time: anybody may send one, also without end. */
const BOUNDS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 5_000 };
const STILL_MS = 120_000;
const MOST_CONNECTIONS = 500;

/**
 * Serves the dashboard until it is closed. A database that is away is no reason not to: it is asked again.
 * Throws UsageError for what cannot be served, and when the schema is not one of this barwright.
 */
export async function startServing(request: ServeRequest): Promise<Serving> {
  const { schema, source, host, allowRun } = request;
  const { token, isMade } = chooseToken(request);
  if (token !== null) rememberSecret(token);
  const { url, database, warehouse, warnings, ensureSchema } = await openWarehouse(request);
  const liveDatabase = openDatabase(url, { ...LIVE_LIMITS, schema, isReadOnly: true });
  try {
    const starts = allowRun ? keepStarts({ dbUrl: url, schema, source }) : null;
    const live = watchLive(liveDatabase, {
      warehouse,
      readLastStart: () => starts?.last() ?? null,
    });
    const app = createApp({
      database,
      read: async (work) => {
        await ensureSchema();
        return database.read(work);
      },
      live,
      starts,
      source,
      stalenessHours: request.stalenessHours,
      lateAfter: request.lateAfter,
      host,
      allowedHosts: request.allowedHosts,
      token,
      isTokenDemanded: !isLoopback(host),
      labels: { ...warehouse },
    });
    const { server, port } = await listen(app.fetch, request);
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/`,
      token,
      isTokenMade: isMade,
      warnings,
      async close() {
        live.close();
        await closeServer(server);
        await Promise.all([database.close(), liveDatabase.close()]);
        return starts?.runningPid() ?? null;
      },
    };
  } catch (error) {
    await Promise.all([database.close(), liveDatabase.close()]);
    throw error;
  }
}

function chooseToken({ host, allowRun, token }: ServeRequest): { token: string | null; isMade: boolean } {
  if (token !== null && !/^[\x21-\x7e]{16,512}$/.test(token))
    throw new UsageError(`BARWRIGHT_TOKEN expects ${SHORTEST_TOKEN} to 512 characters without blanks`);
  if (!allowRun && isLoopback(host)) return { token: null, isMade: false };
  if (token !== null) return { token, isMade: false };
  return { token: randomBytes(24).toString('base64url'), isMade: true };
}

function listen(
  fetch: Parameters<typeof serve>[0]['fetch'],
  { host, port }: ServeRequest,
): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: host, port, serverOptions: BOUNDS }, (info) =>
      resolve({ server, port: info.port }),
    ) as Server;
    // A connection on which nothing moves, such as a stream without a reader.
    server.setTimeout(STILL_MS);
    server.maxConnections = MOST_CONNECTIONS;
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new UsageError(`port ${port} of ${host} is taken: name another with --port, 0 for any free one`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new UsageError(`${host} is no address of this machine: --host expects one of them`);
  if (error.code === 'EACCES')
    return new UsageError(`port ${port} may not be used by this user: name one above 1023 with --port`);
  return error;
}

/** Answers in progress get a moment; streams never end by themselves. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
