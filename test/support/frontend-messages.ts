/** The bytes that a client sends to PostgreSQL, cut into messages. */

export interface RawMessage {
  bytes: Buffer;
  /** Protocol letter; '' for the messages before a session begins, which have none. */
  type: string;
  /** The text of a Q or P; '' for the others. */
  sql: string;
}

/** What a client may send before its StartupMessage, instead of a protocol version: `SSLRequest`, `GSSENCRequest`. */
const REQUESTS_BEFORE = [80877103, 80877104];

/** Takes bytes as they come and gives whole messages. */
export class FrontendReader {
  #rest: Buffer = Buffer.alloc(0);
  #hasBegun = false;

  read(chunk: Buffer): RawMessage[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: RawMessage[] = [];
    for (let message = this.#next(); message !== null; message = this.#next()) messages.push(message);
    return messages;
  }

  #next(): RawMessage | null {
    const letters = this.#hasBegun ? 1 : 0;
    if (this.#rest.length < letters + 4) return null;
    const length = letters + this.#rest.readInt32BE(letters);
    if (this.#rest.length < length) return null;
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    if (this.#hasBegun) {
      const type = String.fromCharCode(bytes[0] ?? 0);
      return { bytes, type, sql: sqlOf(type, bytes.subarray(5)) };
    }
    this.#hasBegun = !REQUESTS_BEFORE.includes(bytes.readInt32BE(4));
    return { bytes, type: '', sql: '' };
  }
}

/** Q: the text. P: the name of the prepared statement, then the text. All end with a zero byte. */
function sqlOf(type: string, body: Buffer): string {
  if (type !== 'Q' && type !== 'P') return '';
  const parts = body.toString('utf8').split('\0');
  return (type === 'Q' ? parts[0] : parts[1]) ?? '';
}
