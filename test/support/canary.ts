/** A password that the processes of tests are given, and that none of them may say. */

/** Survives every encoding, so that one word finds all spellings. */
export const CANARY_WORD = 'xq7canary3z';
/** With everything in it that a URL must encode. */
export const CANARY = `ca:na/ry@pass word#${CANARY_WORD}%`;
