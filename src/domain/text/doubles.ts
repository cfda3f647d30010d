/** Room for short arrays of numbers. */

const BLOCK_DOUBLES = 1 << 13;
let block = new Float64Array(0);
let used = 0;

/**
 * An array of `length` zeros, cut from a larger block: a Float64Array of its own takes three times as long to make and
 * is a burden to the garbage collector, and a run makes hundreds of thousands. For what lives about as long as its
 * neighbours; the block is freed when all of them are.
 */
export function takeDoubles(length: number): Float64Array {
  if (length > BLOCK_DOUBLES) return new Float64Array(length);
  if (used + length > block.length) {
    block = new Float64Array(BLOCK_DOUBLES);
    used = 0;
  }
  const taken = block.subarray(used, used + length);
  used += length;
  return taken;
}
