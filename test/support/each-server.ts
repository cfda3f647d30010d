/**
 * The servers that database tests run on: this run's embedded one, and a second one where there is one. In
 * `npm run test:servers` those of other major versions instead.
 */
import { inject } from 'vitest';
import type { TestDatabaseOptions } from './database.js';
import { findSecondServer } from './second-server.js';

/** For describe.each('on $server'). */
export const SERVERS: readonly { server: string; options: TestDatabaseOptions }[] = await listServers();

async function listServers(): Promise<{ server: string; options: TestDatabaseOptions }[]> {
  const packaged = inject('packagedServers');
  if (packaged.length > 0)
    return packaged.map(({ name, url }) => ({ server: name, options: { serverUrl: url, isShared: true } }));
  const secondServer = await findSecondServer();
  return [
    { server: 'the embedded server', options: {} },
    ...(secondServer === null
      ? []
      : [{ server: 'a second server', options: { serverUrl: secondServer, isShared: true } }]),
  ];
}
