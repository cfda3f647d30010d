/** What a promise about a fault is made of. */

/**
 * `file > words`: a test file and words of the title of a test, or of a `describe`, in it, as they are in the source.
 * All tests whose full name has these words count. `needs`: what the machine must have, or they are left out.
 */
export type Proof = string | { test: string; needs: string };

export interface Fault {
  fault: string;
  /** What happens, in words for people. */
  behaviour: string;
  tests: readonly Proof[];
}
