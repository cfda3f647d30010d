/** A local HTTP server that answers as a script says, and remembers what it was sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';

/** 'silent' never answers, 'reset' breaks the connection; one that is cut ends in the middle of its body. */
export type Answer =
  | 'silent'
  | 'reset'
  | { status: number; headers?: Record<string, string>; body?: string; isCut?: boolean };

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
  /** Answers by the request instead. */
  respond?: (request: SeenRequest) => Answer;
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
      reply(response, script.respond?.(each) ?? nextOf(script.answers));
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

function nextOf(answers: Answer[]): Answer {
  return (answers.length > 1 ? answers.shift() : answers[0]) ?? TAKEN;
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
  const { status, headers, body = '', isCut = false } = answer;
  if (isCut) {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
  } else response.writeHead(status, headers).end(body);
}
