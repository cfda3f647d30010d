/** Packed files that are made to fill a disk. */

/** Prices shrink to a fifth or a tenth. What grows more than this is made to fill a disk. */
const MOST_GROWTH = 300;
const GROWTH_COUNTS_FROM = 64 << 20;

/** Throws for bytes that are too many to be prices in so few packed ones, counted or as an archive states them. */
export function checkGrowth(path: string, bytes: number, packedBytes: number): void {
  if (bytes > GROWTH_COUNTS_FROM && bytes > MOST_GROWTH * packedBytes)
    throw new Error(
      `${path} grows more than ${MOST_GROWTH} times when it is unpacked, as no prices do: unpack it and look at it first`,
    );
}
