/** Where in the page one is: the address, which survives a reload and can be sent to somebody. */
import { useEffect, useState } from 'preact/hooks';

/** Sent when the address has changed without a reload. */
const MOVED = 'barwright-moved';

export interface Route {
  /** Parts of the path: ['assets', '52']; [] is the freshness. */
  path: string[];
  query: URLSearchParams;
}

/** Reads '/assets/52?tf=7D'. */
function parseRoute({ pathname, search }: { pathname: string; search: string }): Route {
  const parts = pathname.split('/').filter((part) => part !== '');
  return { path: parts.map(decode), query: new URLSearchParams(search) };
}

/** The address of a place, for a link; empty parameters are left out. */
export function hrefOf(path: readonly string[], query: Record<string, string> = {}): string {
  const kept = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  const text = kept.size === 0 ? '' : `?${kept}`;
  return `/${path.map(encodeURIComponent).join('/')}${text}`;
}

/** Goes to a place; `replace` leaves no step for the back button. */
export function goTo(href: string, options: { replace?: boolean } = {}): void {
  if (href === location.pathname + location.search) return;
  if (options.replace === true) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  dispatchEvent(new Event(MOVED));
}

/** The present place; the component is drawn again when it changes. Links within the page are followed without a reload. */
export function useRoute(): Route {
  const [address, setAddress] = useState({ pathname: location.pathname, search: location.search });
  useEffect(() => {
    const read = () => setAddress({ pathname: location.pathname, search: location.search });
    addEventListener('popstate', read);
    addEventListener(MOVED, read);
    document.addEventListener('click', followLink);
    return () => {
      removeEventListener('popstate', read);
      removeEventListener(MOVED, read);
      document.removeEventListener('click', followLink);
    };
  }, []);
  return parseRoute(address);
}

/** With a modifier key, or to anywhere else, the browser does what it always does. */
function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.origin !== location.origin || link.hasAttribute('download') || link.hash !== '')
    return;
  event.preventDefault();
  goTo(link.pathname + link.search);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
