import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { EmbeddedPaths } from './paths.js';

/** The port that the server of this cluster had last, or will try first; null when the file says nothing. */
export async function readPort(paths: Pick<EmbeddedPaths, 'port'>): Promise<number | null> {
  const text = await readFile(paths.port, 'utf8').catch(() => '');
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}

/** Remembers the port, so that the URL stays the same as long as the port is free. */
export function writePort(paths: Pick<EmbeddedPaths, 'port'>, port: number): Promise<void> {
  return writeFile(paths.port, String(port), { mode: 0o600 });
}

/** `preferred` when it is free on 127.0.0.1, else a free port that the system chooses. */
export async function findFreePort(preferred: number | null = null): Promise<number> {
  const port = (preferred === null ? null : await listenOnce(preferred)) ?? (await listenOnce(0));
  if (port === null) throw new Error('no free TCP port on 127.0.0.1 for the embedded server');
  return port;
}

function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? null) : null));
    });
  });
}
