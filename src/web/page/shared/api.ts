/** Requests to the server that the page came from, and the answers as components see them. */
import { useLayoutEffect, useState } from 'preact/hooks';
import type { ApiError } from '../../api/api-types.js';

const TIMEOUT_MS = 30_000;
const RETRY_MS = 3_000;
/** Nowhere else, so that nothing can read it later. */
let typedToken = '';

/** An answer that is not 2xx, or none at all. */
export class RequestError extends Error {
  readonly kind: ApiError['kind'] | 'unreachable';

  constructor(kind: RequestError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The token that was typed since the page was loaded; '' when none was. */
export function readToken(): string {
  return typedToken;
}

/** Keeps a token until the page is loaded again. */
export function keepToken(token: string): void {
  typedToken = token;
}

/** Asks for `path`; with a body it posts it. Throws RequestError with a sentence for people. */
export async function request<T>(
  path: string,
  options: { body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const token = readToken();
  const init: RequestInit = {
    signal: options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]),
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { method: 'POST', body: JSON.stringify(options.body) }),
  };
  const response = await fetch(path, init).catch((error: unknown) => {
    if (options.signal?.aborted === true) throw error;
    throw new RequestError('unreachable', 'barwright serve does not answer: is it still running?');
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer as T;
  const { kind = 'internal', error = `the server answered ${response.status}` } = (answer ??
    {}) as Partial<ApiError>;
  throw new RequestError(kind, error);
}

export interface Loaded<T> {
  /** The newest answer; kept while a newer one is on its way and when that one fails. */
  data: T | null;
  error: RequestError | null;
  isLoading: boolean;
}

/**
 * The answer to `path` (null: nothing is asked), asked again when `revision` changes. While the database or the server is
 * away it is tried again until it is back.
 */
export function useApi<T>(path: string | null, revision: unknown = 0): Loaded<T> {
  const [state, setState] = useState<Loaded<T> & { path: string | null }>({ path, ...EMPTY });
  const [attempt, setAttempt] = useState(0);
  // revision and attempt say when to ask again. Asking does not wait until what is drawn now has been painted.
  useLayoutEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    let timer = 0;
    setState((before) => ({ ...(before.path === path ? before : EMPTY), path, isLoading: true }));
    request<T>(path, { signal: abort.signal }).then(
      (data) => setState({ path, data, error: null, isLoading: false }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const known = error instanceof RequestError ? error : new RequestError('internal', String(error));
        setState((before) => ({ ...before, error: known, isLoading: false }));
        if (isPassing(known)) timer = window.setTimeout(() => setAttempt((count) => count + 1), RETRY_MS);
      },
    );
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, revision, attempt]);
  return path !== null && state.path === path ? state : { data: null, error: null, isLoading: path !== null };
}

const EMPTY = { data: null, error: null, isLoading: true };

function isPassing({ kind }: RequestError): boolean {
  return kind === 'database_away' || kind === 'unreachable';
}
