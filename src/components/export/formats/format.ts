/** What a format of files has to say about itself. */
import type { ExportColumn, Rows } from './batch.js';
import type { Sink } from './sink.js';

/** One file that is being written. */
export interface OpenFile {
  /** The sink has the rows when it is done. */
  write(rows: Rows): Promise<void>;
  /** Writes what comes after the last rows. */
  end(): Promise<void>;
}

export interface FileFormat {
  /** How names of its files end. */
  extension: string;
  /** Rows that are written at a time: so many are in memory, and those of one series more. */
  portion: number;
  /** Whether a file holds one portion, so that an asset may have several files. */
  isOnePortion: boolean;
  open(sink: Sink, columns: readonly ExportColumn[]): OpenFile;
}
