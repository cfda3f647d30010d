/**
 * Fail at the N-th statement, for every N of an append, a repair and a rebuild of bars: the asset is whole, old or new,
 * and with the retry, or with one more run, it has what an undisturbed one has.
 */
import { describeNthStatement } from '../support/nth-statement-law.js';

describeNthStatement('bars');
