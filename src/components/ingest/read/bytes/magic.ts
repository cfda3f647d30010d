/** What a file is by its first bytes: packed, a table of its own kind, or no prices at all. */

type Packed = 'gzip' | 'zip';
type Columnar = 'parquet' | 'arrow';

/** text: whatever else; its content decides what becomes of it. */
export type FileKind = Packed | Columnar | 'text' | { readonly refused: string };

const hex = (bytes: string) => Buffer.from(bytes, 'hex');

const KINDS: readonly (readonly [Buffer, FileKind])[] = [
  [hex('1f8b'), 'gzip'],
  [hex('504b0304'), 'zip'],
  [hex('504b0506'), 'zip'],
  [Buffer.from('PAR1'), 'parquet'],
  [Buffer.from('ARROW1'), 'arrow'],
  [hex('ffffffff'), 'arrow'],
  [Buffer.from('PARE'), { refused: 'an encrypted Parquet file: write it without encryption' }],
  [Buffer.from('FEA1'), { refused: 'a Feather file of version 1: write it again as version 2, or as CSV' }],
  [hex('28b52ffd'), { refused: 'packed by zstd: unpack it first, with "unzstd FILE"' }],
  [hex('fd377a585a00'), { refused: 'packed by xz: unpack it first, with "unxz FILE"' }],
  [Buffer.from('BZh'), { refused: 'packed by bzip2: unpack it first, with "bunzip2 FILE"' }],
  [hex('377abcaf271c'), { refused: 'a 7-Zip archive: unpack it first, and name the file in it' }],
  [Buffer.from('Rar!'), { refused: 'a RAR archive: unpack it first, and name the file in it' }],
  [hex('04224d18'), { refused: 'packed by lz4: unpack it first, with "unlz4 FILE"' }],
  [hex('d0cf11e0a1b11ae1'), { refused: 'an old Excel workbook: save its sheet as "CSV UTF-8"' }],
  [hex('894844460d0a1a0a'), { refused: 'an HDF5 file: write it as Parquet, Feather or CSV' }],
  [Buffer.from('SQLite format 3'), { refused: 'an SQLite database: export its table as CSV' }],
  [Buffer.from('Obj\x01'), { refused: 'an Avro file: write it as Parquet or CSV' }],
  [Buffer.from('ORC'), { refused: 'an ORC file: write it as Parquet or CSV' }],
  [Buffer.from('%PDF'), { refused: 'a PDF document: get the prices as CSV' }],
  [hex('8003'), { refused: 'a Python pickle: write it as Parquet, Feather or CSV' }],
  [hex('8004'), { refused: 'a Python pickle: write it as Parquet, Feather or CSV' }],
  [hex('8005'), { refused: 'a Python pickle: write it as Parquet, Feather or CSV' }],
];

/** Bytes that say what a file is; a web page may have blanks before it. */
export const MAGIC_BYTES = 4096;

/** What a file is that begins like this. */
export function kindOfFile(start: Buffer): FileKind {
  const known = KINDS.find(([magic]) => start.subarray(0, magic.length).equals(magic));
  if (known !== undefined) return known[1];
  const text = start.toString('latin1').trimStart();
  if (/^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|\?xml)/i.test(text)) {
    const what = /^\S*<\?xml/i.test(text) ? 'an XML document' : 'a web page, perhaps a login or an error';
    return { refused: `${what}: download the prices as CSV or JSON` };
  }
  return 'text';
}
