/** One open transaction. Rows come as arrays, in the order of the select list. */
export interface Tx {
  query<R extends unknown[]>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /** Runs a statement and returns how many rows it affected. */
  execute(sql: string, params?: readonly unknown[]): Promise<number>;
  /** `copy … from stdin`; returns how many rows the server took. */
  copyIn(sql: string, chunks: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<number>;
  /** `copy … to stdout`, as the server's chunks (not aligned with rows). */
  copyOut(sql: string): AsyncIterable<Buffer>;
}
