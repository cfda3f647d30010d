/** The same days in the layouts that people have. What a layout cannot say (decimals of a volume) it leaves out. */
import { tableFromArrays, tableToIPC } from '@uwdata/flechette';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { CSV_LAYOUTS } from './csv-layouts.js';
import { civil, columnsOf, type FileLayout, iso, DAY_MS as MS } from './days.js';
import { JSON_LAYOUTS } from './json-layouts.js';

const COLUMNAR_LAYOUTS: readonly FileLayout[] = [
  {
    label: 'a table with the usual names',
    file: 'dates.parquet',
    quote: [null, null],
    write: (days) => {
      const columns = Object.entries(columnsOf(days)).map(([name, data]) => ({
        name,
        data,
        type: 'DOUBLE' as const,
      }));
      const date = { name: 'date', data: days.map(civil), type: 'TIMESTAMP' as const };
      return new Uint8Array(parquetWriteBuffer({ columnData: [...columns, date], rowGroupSize: 7 }));
    },
  },
  {
    label: 'a table with the usual names',
    file: 'epoch.parquet',
    quote: [null, null],
    write: (days) => {
      const columns = Object.entries(columnsOf(days)).map(([name, data]) => ({
        name,
        data,
        type: 'DOUBLE' as const,
      }));
      const time = {
        name: 'Open time',
        data: days.map(({ day }) => BigInt(day * MS)),
        type: 'INT64' as const,
      };
      return new Uint8Array(parquetWriteBuffer({ columnData: [time, ...columns] }));
    },
  },
  {
    label: 'a table with the usual names',
    file: 'BTC_USDT-1d.feather',
    quote: ['USD', null],
    write: (days) =>
      tableToIPC(tableFromArrays({ date: days.map(civil), ...columnsOf(days) }), {
        format: 'file',
      }) as Uint8Array,
  },
  {
    label: 'a table with the usual names',
    file: 'candles.arrows',
    quote: [null, null],
    write: (days) =>
      tableToIPC(tableFromArrays({ ...columnsOf(days), date: days.map(iso) }), {
        format: 'stream',
      }) as Uint8Array,
  },
];

/** Every layout that comes in without a flag but the asset. */
export const FILE_LAYOUTS: readonly FileLayout[] = [...CSV_LAYOUTS, ...JSON_LAYOUTS, ...COLUMNAR_LAYOUTS];
