import * as v from 'valibot';
import { readTimestamp } from '../voucherify/timestamp.ts';
import { ReconcileError } from './failure.ts';
import { CsvError, readCsv } from './csv.ts';

/** One act of giving vouchers to a customer, as Voucherify's API lists or exports it. */
export interface Publication {
  /** Null in an export, which has no such column. */
  readonly id: string | null;
  /** When it was published, RFC 3339 in UTC with milliseconds. */
  readonly at: string;
  /** The time has no fraction of a second, so it may be up to a second too early. */
  readonly isWholeSecond: boolean;
  /** The name of the campaign; null for a voucher without one, and for several vouchers at once. */
  readonly campaign: string | null;
  readonly channel: string | null;
  /** The distribution that published it; null in an export, and when none did. */
  readonly distribution: string | null;
  readonly voucherIds: readonly string[];
  /** Secrets. */
  readonly codes: readonly string[];
  /** An export has successful ones only, because it is asked for them. */
  readonly result: 'SUCCESS' | 'FAILURE';
}

const TextSchema = v.nullish(v.string(), null);
const TextListSchema = v.nullish(v.array(v.string()), () => []);

/**
 * One item of List Publications (Voucherify's OpenAPI, ListPublicationsItemValidSingleVoucher,
 * ...ValidMultipleVouchers and ...Invalid, as of August 2026). Customers are not read.
 */
const ListedPublicationSchema = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  created_at: v.string(),
  result: v.picklist(['SUCCESS', 'FAILURE']),
  channel: TextSchema,
  metadata: v.nullish(v.object({ distribution_id: v.fallback(TextSchema, null) }), null),
  voucher: v.nullish(v.object({ code: TextSchema, campaign: TextSchema }), null),
  vouchers: TextListSchema,
  vouchers_id: TextListSchema,
});

/** A page of List Publications. `total` counts what the filters select, on all pages. */
export const PublicationPageSchema = v.object({
  publications: v.array(ListedPublicationSchema),
  total: v.number(),
});

/** A page of publications, the latest first. */
export interface PublicationPage {
  readonly publications: readonly Publication[];
  readonly total: number;
}

/** Turns a page into publications. @throws ReconcileError when a time cannot be read */
export function toPublicationPage({
  publications,
  total,
}: v.InferOutput<typeof PublicationPageSchema>): PublicationPage {
  return { publications: publications.map(toPublication), total };
}

function toPublication(item: v.InferOutput<typeof ListedPublicationSchema>): Publication {
  const time = readTime(item.created_at);
  if (time === null) {
    throw new ReconcileError('unexpected_response', {
      call: 'List Publications',
      detail: 'created_at',
    });
  }
  return {
    id: item.id,
    ...time,
    campaign: item.voucher?.campaign ?? null,
    channel: item.channel,
    distribution: item.metadata?.distribution_id ?? null,
    voucherIds: item.vouchers_id,
    codes: [item.voucher?.code, ...item.vouchers].filter(isPresent),
    result: item.result,
  };
}

/** The columns that an export is asked for (Voucherify's OpenAPI, ExportPublicationFields): no customers. */
export const EXPORT_FIELDS = ['voucher_code', 'date', 'channel', 'campaign'] as const;
type Column = (typeof EXPORT_FIELDS)[number];

/** A publication with its place in the file, from 0. */
export interface ExportedPublication extends Publication {
  readonly row: number;
}

/**
 * Reads the file of an export as it arrives. Columns are found by their names; Voucherify documents that the
 * fields are the headers, and shows headers of words (`Voucher Type`), so both are read.
 * @throws ReconcileError `broken_csv` when a column is missing or there twice, when a row has another number of
 * fields, or when a time cannot be read: publications would be left out, and nobody would know
 */
export async function* readExport(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ExportedPublication> {
  const records = readCsv(chunks);
  try {
    const header = await records.next();
    if (header.done === true) throw new CsvError('The file is empty');
    const columns = findColumns(header.value);
    let row = 0;
    for await (const record of records) {
      if (record.length !== header.value.length) {
        throw new CsvError(`Row ${row + 1} has not as many fields as the header`);
      }
      yield toExported(record, columns, row);
      row += 1;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ReconcileError('broken_csv', { call: 'Download Export', detail: error.message });
  }
}

function findColumns(header: readonly string[]): { readonly [Name in Column]: number } {
  const names = header.map((name) =>
    name
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, '_'),
  );
  const find = (column: Column, ...others: string[]): number => {
    const found = names.flatMap((name, index) =>
      [column, ...others].includes(name) ? [index] : [],
    );
    const [index, second] = found;
    if (index === undefined) throw new CsvError(`There is no column ${column}`);
    if (second !== undefined) throw new CsvError(`There are two columns ${column}`);
    return index;
  };
  return {
    // the documented default fields name it so
    voucher_code: find('voucher_code', 'code'),
    date: find('date', 'created_at'),
    channel: find('channel'),
    campaign: find('campaign'),
  };
}

function toExported(
  record: readonly string[],
  columns: { readonly [Name in Column]: number },
  row: number,
): ExportedPublication {
  const read = (column: Column): string | null => record[columns[column]]?.trim() || null;
  const time = readTime(read('date') ?? '');
  if (time === null) throw new CsvError(`Row ${row + 1} has a date that cannot be read`);
  const code = read('voucher_code');
  return {
    row,
    id: null,
    ...time,
    campaign: read('campaign'),
    channel: read('channel'),
    distribution: null,
    voucherIds: [],
    codes: code === null ? [] : [code],
    result: 'SUCCESS',
  };
}

const DATE_ALONE_LENGTH = 10;

/** Reads a time; without an offset it is UTC, as Voucherify documents for exports. Null for a date alone. */
function readTime(text: string): Pick<Publication, 'at' | 'isWholeSecond'> | null {
  const timestamp = readTimestamp(text)?.timestamp ?? '';
  if (timestamp.length <= DATE_ALONE_LENGTH) return null;
  return { at: new Date(timestamp).toISOString(), isWholeSecond: !timestamp.includes('.') };
}

function isPresent(text: string | null | undefined): text is string {
  return typeof text === 'string' && text.trim() !== '';
}
