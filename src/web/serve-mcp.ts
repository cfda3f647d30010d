/** `barwright mcp`: answers the questions of a language model's program on standard input and output. */
import { loadSdk } from './mcp/load-sdk.js';
import { createMcpServer } from './mcp/server.js';
import { openWarehouse, type WarehouseRequest } from './open-warehouse.js';

/** A message longer than this ends the connection: no question is. */
const LONGEST_MESSAGE_BYTES = 1_000_000;

/**
 * Serves until standard input ends or `signal` is aborted. Nothing but the protocol is written to standard output;
 * `warn` gets what a person should know. Throws UsageError without the library, and for a schema of another barwright.
 */
export async function serveMcp(
  request: WarehouseRequest,
  { signal, warn }: { signal: AbortSignal; warn: (text: string) => void },
): Promise<void> {
  const { McpServer, StdioServerTransport, serveStdio } = await loadSdk();
  const { database, warehouse, warnings, ensureSchema } = await openWarehouse(request);
  try {
    for (const warning of warnings) warn(warning);
    const { source, stalenessHours, lateAfter } = request;
    const scope = { database, warehouse, ensureSchema, source, stalenessHours, lateAfter };
    const handle = serveStdio(() => createMcpServer(McpServer, scope), {
      transport: new StdioServerTransport(undefined, undefined, { maxBufferSize: LONGEST_MESSAGE_BYTES }),
      onerror: (error) => warn(error.message),
    });
    await untilEnd(signal);
    await handle.close();
  } finally {
    await database.close();
  }
}

function untilEnd(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || process.stdin.readableEnded) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    for (const event of ['end', 'close', 'error']) process.stdin.once(event, () => resolve());
  });
}
