/** A real TCP proxy before a PostgreSQL server: it can hold everything back, cut, and cut around a single message. */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { FrontendReader } from './frontend-messages.js';

/** One message from a client to the server. */
export interface FrontendMessage {
  /** Number of its connection, from 1. */
  connection: number;
  /** Protocol letter: Q a simple query, P a statement to be prepared, d a piece of COPY; '' begins a connection. */
  type: string;
  /** The text of a Q or P; '' for the others. */
  sql: string;
}

/**
 * What becomes of a message: `cut` ends its connection before the message arrives at the server; `cut after answer` lets
 * the server do it, waits for all of its answer, and ends the connection before the client has seen any of it.
 */
export type Verdict = 'forward' | 'cut' | 'cut after answer';

export interface DatabaseProxy {
  /** The target's URL, with the proxy's address in it. */
  readonly url: string;
  /** Forwards nothing any more, in neither direction; connections stay open, new ones are accepted (half-open). */
  pause(): void;
  /** How many pieces are held back. */
  heldBack(): number;
  /** Forwards what was held back, and continues. */
  resume(): void;
  /** Connections from now on go to the server of this URL. */
  turnTo(targetUrl: string): void;
  /** Resets all connections that are open now. */
  cut(): void;
  /** Asks about every message from now on; null: all are forwarded unseen. */
  onMessage(judge: ((message: FrontendMessage) => Verdict) | null): void;
  /** Ends everything. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** ReadyForQuery, the end of an answer: Z, length 5, and the state of the transaction. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5]);
/** CopyInResponse: the answer is that rows may come now. */
const COPY_IN = 0x47;

/** Starts a proxy on a free port of this machine. The target is reached without TLS. */
export async function startProxy(targetUrl: string): Promise<DatabaseProxy> {
  let target = new URL(targetUrl);
  const state: PairState = { isPaused: false, judge: null, pairs: new Set(), connections: 0 };
  const server = createServer((client) => {
    state.connections += 1;
    const upstream = createConnection(Number(target.port || 5432), target.hostname);
    const pair = new Pair({ client, upstream, number: state.connections, state });
    state.pairs.add(pair);
  });
  const port = await listen(server);
  const url = new URL(targetUrl);
  url.host = `${HOST}:${port}`;
  const each = (act: (pair: Pair) => void) => [...state.pairs].forEach(act);
  return {
    url: url.href,
    pause() {
      state.isPaused = true;
    },
    heldBack: () => [...state.pairs].reduce((sum, pair) => sum + pair.heldBack, 0),
    resume() {
      state.isPaused = false;
      each((pair) => pair.flush());
    },
    turnTo(newTargetUrl) {
      target = new URL(newTargetUrl);
    },
    cut: () => each((pair) => pair.cut()),
    onMessage(judge) {
      state.judge = judge;
    },
    close() {
      each((pair) => pair.cut());
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the proxy has no port'));
      else resolve(address.port);
    });
  });
}

interface PairState {
  isPaused: boolean;
  judge: ((message: FrontendMessage) => Verdict) | null;
  pairs: Set<Pair>;
  connections: number;
}

/** One connection of a client and its own to the server. */
class Pair {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #number: number;
  readonly #state: PairState;
  readonly #reader = new FrontendReader();
  /** What is held back while paused. */
  readonly #held: (() => void)[] = [];
  /** The answer after which the connection ends; null: it is passed on. */
  #lastAnswer: Buffer | null = null;

  get heldBack(): number {
    return this.#held.length;
  }

  constructor(parts: { client: Socket; upstream: Socket; number: number; state: PairState }) {
    this.#client = parts.client;
    this.#upstream = parts.upstream;
    this.#number = parts.number;
    this.#state = parts.state;
    for (const socket of [this.#client, this.#upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.cut());
    }
    this.#client.on('data', (chunk) => this.#pass(() => this.#forward(chunk)));
    this.#upstream.on('data', (chunk) => this.#pass(() => this.#answer(chunk)));
    this.#client.on('end', () => this.#pass(() => this.#upstream.end()));
    this.#upstream.on('end', () => this.#pass(() => this.#client.end()));
    this.#client.on('close', () => this.#state.pairs.delete(this));
  }

  /** Both ends see a reset. */
  cut(): void {
    this.#held.length = 0;
    this.#client.resetAndDestroy();
    this.#upstream.resetAndDestroy();
  }

  flush(): void {
    for (const act of this.#held.splice(0)) this.#pass(act);
  }

  #pass(act: () => void): void {
    if (this.#state.isPaused) this.#held.push(act);
    else act();
  }

  #forward(chunk: Buffer): void {
    for (const { bytes, type, sql } of this.#reader.read(chunk)) {
      if (this.#client.destroyed) return;
      const verdict = this.#state.judge?.({ connection: this.#number, type, sql }) ?? 'forward';
      if (verdict === 'cut') {
        this.cut();
        return;
      }
      if (verdict === 'cut after answer') this.#lastAnswer = Buffer.alloc(0);
      this.#upstream.write(bytes);
    }
  }

  #answer(chunk: Buffer): void {
    if (this.#lastAnswer === null) {
      this.#client.write(chunk);
      return;
    }
    this.#lastAnswer = Buffer.concat([this.#lastAnswer, chunk]);
    const isReady = this.#lastAnswer.subarray(-READY.length - 1, -1).equals(READY);
    if (isReady || this.#lastAnswer[0] === COPY_IN) this.cut();
  }
}
