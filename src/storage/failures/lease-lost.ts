/** The lease or the task is not ours any more: nothing may be written. Its text is the message alone, as a reason of an abort. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  override toString(): string {
    return this.message;
  }
}
