/**
 * Fail at the N-th statement, for every N of an append, a repair and a rebuild of EMAs: the asset is whole, old or new,
 * and with the retry, or with one more run, it has what an undisturbed one has.
 */
import { describe } from 'vitest';
import { describeNthStatement } from '../support/nth-statement-law.js';

describe('a failure at every statement of emas', () => describeNthStatement('emas'));
