/** The servers that database tests run on: this run's embedded one, and a second one where there is one. */
import type { TestDatabaseOptions } from './database.js';
import { findSecondServer } from './second-server.js';

const secondServer = await findSecondServer();

/** For describe.each('on $server'). */
export const SERVERS: readonly { server: string; options: TestDatabaseOptions }[] = [
  { server: 'the embedded server', options: {} },
  ...(secondServer === null ? [] : [{ server: 'a second server', options: { serverUrl: secondServer } }]),
];
