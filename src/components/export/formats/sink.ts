/** Bytes of a file on their way to the disk, with their number and their hash. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
}

export class HashingSink implements Sink {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  bytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#hash.update(bytes);
    this.bytes += bytes.length;
    await this.#file.writeFile(bytes);
  }

  /** Of all bytes so far; nothing can be written after it. */
  sha256(): string {
    return this.#hash.digest('hex');
  }
}
