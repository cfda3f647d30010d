/** `barwright serve` as a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));
const BEGIN_MS = 30_000;

export interface Served {
  /** Ends with a slash. */
  url: string;
  stop(): Promise<void>;
}

/** Serves the dashboard of a database on a free port. */
export function serveDashboard(databaseUrl: string): Promise<Served> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--port', '0'], {
    env: { ...process.env, TARGET_DB_URL: databaseUrl, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`barwright serve said no address within ${BEGIN_MS} ms`));
    }, BEGIN_MS);
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /Dashboard: (\S+)/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      const stop = async () => {
        child.kill();
        await ended;
      };
      resolve({ url, stop });
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`barwright serve ended with ${code}: ${said}`)));
  });
}
