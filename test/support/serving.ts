/** `barwright serve` as a real process, and what a page would ask of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import { inject } from 'vitest';
import type { LiveState } from '../../src/web/api/api-types.js';
import { CANARY_WORD } from './canary.js';
import { builtFile, cleanEnvironment } from './cli.js';
import { waitFor } from './processes.js';

const STOP_MS = 15_000;
const ANSWER_MS = 40_000;

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Server {
  /** Ends with a slash. */
  url: string;
  /** As printed; null: none was. */
  token: string | null;
  pid: number;
  /** Headers exactly as given, `host` among them; fails when a password is in the answer. */
  ask(path: string, asked?: Asked): Promise<HttpAnswer>;
  /** JSON of an answer of 200. */
  get<T>(path: string, headers?: Record<string, string>): Promise<T>;
  /** Everything that it printed. */
  said(): string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts it on a free port and waits until it answers. */
export async function startServer(
  args: readonly string[],
  options: { env?: Record<string, string>; url?: string; cwd?: string } = {},
): Promise<Server> {
  const child = spawn(process.execPath, [builtFile('cli/bin.js'), 'serve', '--port', '0', ...args], {
    env: cleanEnvironment({
      ...(options.url !== undefined && { TARGET_DB_URL: options.url }),
      ...options.env,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  const found = await Promise.race([
    waitFor('the address of the dashboard', () => /Dashboard: (\S+)/.exec(said)?.[1] ?? null),
    ended.then(() => null),
  ]);
  if (found === null) throw new Error(`barwright serve ended at once: ${said}`);
  const url = found.replace('//0.0.0.0', '//127.0.0.1');
  const ask = (path: string, asked: Asked = {}) => askServer(url, path, asked);
  return {
    url,
    token: /Token: ([\w-]{20,})$/m.exec(said)?.[1] ?? null,
    pid: child.pid as number,
    ask,
    async get(path, headers = {}) {
      const { status, body } = await ask(path, { headers });
      if (status !== 200) throw new Error(`${path} was answered with ${status}: ${body}`);
      return JSON.parse(body);
    },
    said: () => said,
    stop: (signal = 'SIGTERM') => stopChild(child, ended, signal),
  };
}

async function stopChild(
  child: ChildProcess,
  ended: Promise<number | null>,
  signal: NodeJS.Signals,
): Promise<number | null> {
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  child.kill(signal);
  const code = await ended;
  clearTimeout(limit);
  return code;
}

/** fetch() sets Host, Origin and Sec-Fetch-Site by itself; these tests are about them. */
function askServer(
  base: string,
  path: string,
  { method = 'GET', headers = {}, body }: Asked,
): Promise<HttpAnswer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, path, method, headers, timeout: ANSWER_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const secret = [CANARY_WORD, new URL(inject('adminUrl')).password].find(
          (each) => each !== '' && (text.includes(each) || JSON.stringify(response.headers).includes(each)),
        );
        if (secret !== undefined) reject(new Error(`a password is in the answer to ${path}: ${secret}`));
        else resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    asking.on('timeout', () => asking.destroy(new Error(`${path}: no answer within ${ANSWER_MS} ms`)));
    asking.on('error', reject);
    asking.end(body);
  });
}

export interface LiveStream {
  states: LiveState[];
  /** The first state, from now on or before, that is as wanted. */
  until(what: string, isWanted: (state: LiveState) => boolean): Promise<LiveState>;
  close(): void;
}

/** What an EventSource would get. */
export async function listenLive(server: Pick<Server, 'url'>): Promise<LiveStream> {
  const states: LiveState[] = [];
  const controller = new AbortController();
  const response = await fetch(new URL('/api/live', server.url), { signal: controller.signal });
  if (response.status !== 200 || response.body === null) throw new Error(`/api/live: ${response.status}`);
  const reading = (async () => {
    let rest = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      rest += Buffer.from(chunk).toString();
      const messages = rest.split('\n\n');
      rest = messages.pop() ?? '';
      for (const message of messages) {
        const data = /^data: (.*)$/m.exec(message)?.[1];
        if (data !== undefined && /^event: state$/m.test(message)) states.push(JSON.parse(data) as LiveState);
      }
    }
  })();
  reading.catch(() => {});
  return {
    states,
    until: (what, isWanted) => waitFor(what, () => states.find(isWanted) ?? null),
    close: () => controller.abort(),
  };
}
