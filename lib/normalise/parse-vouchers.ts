import type { Publication, Voucher } from '../record/record.ts';
import type { Path } from '../voucherify/json.ts';
import { VoucherifyVoucherSchema } from '../voucherify/voucher.ts';
import type { ConsumedKeys } from './field-map.ts';
import type { FoundObject, FoundVouchers } from './find-objects.ts';
import { createLenientParser, type FieldIssue } from './lenient-parse.ts';
import type { ParsedValueIssue } from './parse-objects.ts';
import { hidesResult, hidesUse } from './use-fields.ts';
import { type ConvertedVoucher, convertVoucher } from './voucher.ts';

/** What the vouchers of a payload are parsed with. */
export interface VoucherSources {
  readonly found: FoundVouchers;
  /** The publication that gave the main voucher, or null. */
  readonly publication: Publication | null;
  /** Its path in the body. */
  readonly publicationPath: Path;
  /** The issues of everything that was parsed before: those of the publication are among them. */
  readonly earlierIssues: readonly FieldIssue[];
  /** ISO 4217, or null when the settings name none. */
  readonly currency: string | null;
  /** RFC 3339, the time at which `usable` holds. */
  readonly checkedAt: string;
  /** Turns a path in the data into a path in the body. */
  readonly toBodyPath: (path: Path) => Path;
}

/** The vouchers of a payload, and what is wrong with them. Paths start at the root of the body. */
export interface ParsedVouchers {
  readonly voucher: Voucher | null;
  readonly otherVouchers: Voucher[];
  /** The keys of the main voucher that the record holds. */
  readonly consumes: ConsumedKeys | null;
  readonly fieldIssues: readonly FieldIssue[];
  readonly valueIssues: readonly ParsedValueIssue[];
  /** The issues, earlier ones too, that hide if the main voucher can be used. */
  readonly useIssues: ReadonlySet<FieldIssue>;
}

const parseVoucher = createLenientParser(VoucherifyVoucherSchema);

const OTHER_CODE = 'Differs from the code of the same voucher at another path';

/**
 * Parses the vouchers of a payload. Each reason that a copy of the main voucher has for not being usable
 * counts for the main voucher: which of the two is right is unknown.
 */
export function parseVouchers(sources: VoucherSources): ParsedVouchers {
  const { found, publication, publicationPath, earlierIssues, toBodyPath } = sources;
  const fieldIssues: FieldIssue[] = [];
  const valueIssues: ParsedValueIssue[] = [];
  const useIssues = new Set(earlierIssues.filter((issue) => hidesResult(issue, publicationPath)));
  const isResultHidden = useIssues.size > 0;

  /** @param isMain whether the publication gave this voucher */
  const read = ({ path, object }: FoundObject, isMain: boolean): ReadVoucher | null => {
    const bodyPath = toBodyPath(path);
    const parsed = parseVoucher(object, bodyPath);
    if (parsed === null) return null;
    const hiding = parsed.fieldIssues.filter((issue) => hidesUse(issue, bodyPath));
    const converted = convertVoucher(parsed.object, {
      currency: sources.currency,
      publication: isMain ? publication : null,
      checkedAt: sources.checkedAt,
      isUseHidden: hiding.length > 0 || (isMain && isResultHidden),
    });
    return { ...converted, path: bodyPath, fieldIssues: parsed.fieldIssues, hiding };
  };
  const addIssues = (voucher: ReadVoucher, isMain: boolean): void => {
    fieldIssues.push(...voucher.fieldIssues);
    for (const { path, message, fatal } of voucher.valueIssues) {
      const fatalFor = fatal && isMain ? 'code' : null;
      valueIssues.push({ path: [...voucher.path, ...path], message, fatalFor });
    }
  };

  const main = found.main && read(found.main, true);
  if (main !== null) {
    addIssues(main, true);
    for (const issue of main.hiding) useIssues.add(issue);
  }
  const reasons = new Set(main?.voucher.unusableReasons);
  for (const copy of main === null ? [] : found.copies.flatMap((each) => read(each, false) ?? [])) {
    for (const reason of copy.voucher.unusableReasons) reasons.add(reason);
    // what else cannot be read in a copy is in `unmapped`, as the whole copy is
    for (const issue of copy.hiding) {
      fieldIssues.push(issue);
      useIssues.add(issue);
    }
    const codes = [main?.voucher.code, copy.voucher.code].filter(Boolean);
    if (new Set(codes).size > 1) {
      valueIssues.push({ path: [...copy.path, 'code'], message: OTHER_CODE, fatalFor: 'code' });
    }
  }
  const others = found.others.flatMap((other) => read(other, false) ?? []);
  for (const other of others) addIssues(other, false);

  return {
    voucher: main && {
      ...main.voucher,
      usable: reasons.size === 0,
      unusableReasons: [...reasons],
    },
    otherVouchers: others.map(({ voucher }) => voucher),
    consumes: main && main.consumes,
    fieldIssues,
    valueIssues,
    useIssues,
  };
}

/** A voucher as it was read at one path. */
interface ReadVoucher extends ConvertedVoucher {
  readonly path: Path;
  readonly fieldIssues: readonly FieldIssue[];
  /** Those that hide if it can be used. */
  readonly hiding: readonly FieldIssue[];
}
