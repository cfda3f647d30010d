/** What the server sends by itself: the run in progress, the newest run that ended, whether the database answers. */
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { LiveState } from '../../api/api-types.js';

const RECONNECT_MS = 2_000;
/** From the end that a run notes to the moment at which others can read it. */
const COMMIT_MS = 2_000;

export interface Live {
  /** null: nothing has arrived yet. */
  state: LiveState | null;
  /** Whether the connection to the server is open. */
  isConnected: boolean;
  /** It was open once and is not any more. */
  isLost: boolean;
  /** Grows when a run ended or the database came back. */
  revision: number;
}

const SILENT: Live = { state: null, isConnected: false, isLost: false, revision: 0 };

export const LiveContext = createContext<Live>(SILENT);

/** What arrived last. */
export function useLive(): Live {
  return useContext(LiveContext);
}

/** Changes when a run ended or the database came back: a reason to read again. */
export function useRevision(): number {
  return useLive().revision;
}

/** Listens as long as the component lives; connects again whenever the connection ends. */
export function useLiveConnection(): Live {
  const [live, setLive] = useState<Live>(SILENT);
  useEffect(() => {
    let source: EventSource | null = null;
    let timer = 0;
    const disconnect = () => {
      source?.close();
      source = null;
      clearTimeout(timer);
    };
    const connect = () => {
      const opened = new EventSource('/api/live');
      source = opened;
      opened.addEventListener('state', (event) => {
        const state = JSON.parse((event as MessageEvent<string>).data) as LiveState;
        setLive((before) => received(before, state));
      });
      opened.onerror = () => {
        setLive((before) => ({ ...before, isConnected: false, isLost: before.state !== null }));
        // A server that answered with an error ends an EventSource for good.
        if (opened.readyState === EventSource.CLOSED && source === opened)
          timer = window.setTimeout(connect, RECONNECT_MS);
      };
    };
    // A browser has six connections for a server: hidden tabs must not hold them.
    const follow = () => {
      disconnect();
      if (!document.hidden) connect();
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      disconnect();
    };
  }, []);
  return live;
}

function received(before: Live, state: LiveState): Live {
  const isNews = before.state === null ? isJustOver(state) : nameOf(before.state) !== nameOf(state);
  return { state, isConnected: true, isLost: false, revision: before.revision + (isNews ? 1 : 0) };
}

function nameOf({ lastRun, database }: LiveState): string {
  return `${lastRun?.run ?? ''} ${database.isUp}`;
}

/** Whether the run ended since the page began to load: what was read before may be older. Both times are the server's. */
function isJustOver({ now, lastRun }: LiveState): boolean {
  if (lastRun === null) return false;
  return Date.parse(now) - Date.parse(lastRun.finishedAt) < performance.now() + COMMIT_MS;
}
