/** A local HTTP server that answers as a script says, and remembers what it was sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';

/** 'silent' never answers, 'reset' breaks the connection. */
export type Answer = 'silent' | 'reset' | { status: number; headers?: Record<string, string>; body?: string };

export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
  atMs: number;
}

export interface HttpServer {
  url: string;
  seen: SeenRequest[];
  /** The answers to come, in this order; the last one stays. */
  answers: Answer[];
  close(): Promise<void>;
}

export const TAKEN: Answer = { status: 200, body: '{"ok":true}' };

/** Starts one on a free port of 127.0.0.1. */
export async function startHttpServer(answers: Answer[] = [TAKEN]): Promise<HttpServer> {
  const seen: SeenRequest[] = [];
  const script: HttpServer = { url: '', seen, answers, close: async () => {} };
  const server = createServer((request, response) => {
    void receive(request).then((each) => {
      seen.push(each);
      reply(response, (script.answers.length > 1 ? script.answers.shift() : script.answers[0]) ?? TAKEN);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  script.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  script.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return script;
}

async function receive(request: IncomingMessage): Promise<SeenRequest> {
  const body = await readText(request);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: body === '' ? {} : JSON.parse(body),
    atMs: performance.now(),
  };
}

function reply(response: ServerResponse, answer: Answer): void {
  if (answer === 'silent') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
}
