/** Assets that somebody marked: kept in this browser. */
import { useEffect, useState } from 'preact/hooks';

const KEY = 'barwright-favourites';
/** Sent when they changed in this tab; other tabs get the browser's own event. */
const CHANGED = 'barwright-favourites';
const MOST = 500;

/** Ids; none where the browser keeps nothing. */
function readFavourites(): ReadonlySet<number> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return new Set(Array.isArray(kept) ? kept.filter((id): id is number => Number.isInteger(id)) : []);
  } catch {
    return new Set();
  }
}

/** Marks an asset, or takes its mark away. */
export function toggleFavourite(id: number): void {
  const ids = readFavourites();
  const kept = ids.has(id) ? [...ids].filter((each) => each !== id) : [...ids, id].slice(-MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing has no favourites.
  }
  dispatchEvent(new Event(CHANGED));
}

/** Ids of the favourites; the component is drawn again when they change. */
export function useFavourites(): ReadonlySet<number> {
  const [ids, setIds] = useState(readFavourites);
  useEffect(() => {
    const read = () => setIds(readFavourites());
    addEventListener(CHANGED, read);
    addEventListener('storage', read);
    return () => {
      removeEventListener(CHANGED, read);
      removeEventListener('storage', read);
    };
  }, []);
  return ids;
}
