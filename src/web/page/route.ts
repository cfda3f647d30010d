/** Where in the page one is, kept in the address after '#': it survives a reload and can be sent to somebody. */
import { useEffect, useState } from 'preact/hooks';

export interface Route {
  /** Parts of the path: ['asset', '52']. */
  path: string[];
  query: URLSearchParams;
}

/** Reads '#/asset/52?tf=7D'. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').filter((part) => part !== '').map(decode), query: new URLSearchParams(query) };
}

/** The address of a place, for a link; empty parameters are left out. */
export function hrefOf(path: readonly string[], query: Record<string, string> = {}): string {
  const kept = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  const text = kept.size === 0 ? '' : `?${kept}`;
  return `#/${path.map(encodeURIComponent).join('/')}${text}`;
}

/** Goes to a place; `replace` leaves no step for the back button. */
export function goTo(href: string, options: { replace?: boolean } = {}): void {
  if (options.replace !== true) location.hash = href;
  else if (location.hash !== href) {
    history.replaceState(null, '', href);
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
}

/** The present place; the component is drawn again when it changes. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = () => setHash(location.hash);
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return parseRoute(hash);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
