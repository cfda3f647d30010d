/** What the user typed or configured cannot be understood: exit 2, one sentence, no stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
