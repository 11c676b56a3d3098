import type { Value } from '../record/record.ts';
import type { Path } from '../voucherify/json.ts';
import {
  findPresentKinds,
  toVoucherKind,
  type VoucherifyGift,
  type VoucherifyLoyaltyCard,
  type VoucherifyVoucher,
  type VoucherKind,
} from '../voucherify/voucher.ts';
import {
  type Currency,
  parseDiscount,
  type ParsedBlock,
  requireNumber,
  type ValueInForm,
  type ValueIssue,
} from './discount.ts';
import {
  type ConsumedKeys,
  constant,
  defineFieldMap,
  type Field,
  given,
  type KeyUse,
} from './field-map.ts';

/** The value of a voucher. */
export interface ParsedValue {
  readonly kind: VoucherKind | null;
  readonly value: Value | null;
  /** The keys of the voucher that say its value: its type, and one block. */
  readonly consumes: ConsumedKeys;
  /** Paths start at the voucher. */
  readonly valueIssues: readonly ValueIssue[];
}

/** A gift card, in hundredths: `amount` was loaded over its life, `balance` can be spent. */
const GIFT = defineFieldMap<VoucherifyGift, ValueInForm<'gift'>, Currency>({
  form: constant('gift'),
  amount: 'amount',
  balance: 'balance',
  currency: given('currency'),
  effect: 'effect',
});

const NEXT_EXPIRATION: Field<VoucherifyLoyaltyCard, ValueInForm<'points'>['nextExpiration']> = {
  consumes: new Map([
    ['next_expiration_date', 'value'],
    ['next_expiration_points', 'value'],
  ]),
  read: (card) => {
    const date = card.next_expiration_date ?? null;
    const points = card.next_expiration_points ?? null;
    return date === null && points === null ? null : { date, points };
  },
};

/** The points of a loyalty card: `points` over its life, `balance` now. */
const POINTS = defineFieldMap<VoucherifyLoyaltyCard, ValueInForm<'points'>>({
  form: constant('points'),
  points: 'points',
  balance: 'balance',
  pending: 'pending_points',
  expired: 'expired_points',
  subtracted: 'subtracted_points',
  nextExpiration: NEXT_EXPIRATION,
});

const BLOCK_KEYS = { discount: 'discount', gift: 'gift', loyalty: 'loyalty_card' } as const;

/**
 * Parses the value of a voucher. The voucher's type decides which block counts. Without a known type,
 * exactly one block must be present (vendor facts, sections 4, 7 and 8).
 * @param currency ISO 4217, or null when the settings name none
 */
export function parseVoucherValue(
  voucher: VoucherifyVoucher,
  currency: string | null,
): ParsedValue {
  const kindOfType = toVoucherKind(voucher.type);
  const present = findPresentKinds(voucher);
  const onlyKind = present.length === 1 ? (present[0] ?? null) : null;
  const kind = kindOfType ?? onlyKind;
  const block = kind === null ? null : parseBlock(voucher, kind, currency);
  const typeIssue = checkType(voucher.type, kindOfType, present);
  const consumes = new Map<string, KeyUse>();
  if (kindOfType !== null) consumes.set('type', 'value');
  if (kind !== null && block !== null) consumes.set(BLOCK_KEYS[kind], { keys: block.consumes });
  return {
    kind,
    value: block?.value ?? null,
    consumes,
    valueIssues: [...(block?.valueIssues ?? []), ...(typeIssue === null ? [] : [typeIssue])],
  };
}

/** Null when the block of that kind is absent. */
function parseBlock(
  { discount, gift, loyalty_card: card }: VoucherifyVoucher,
  kind: VoucherKind,
  currency: string | null,
): ParsedBlock | null {
  switch (kind) {
    case 'discount':
      return discount ? parseDiscount(discount, currency, ['discount']) : null;
    case 'gift':
      if (!gift) return null;
      return {
        value: GIFT.convert(gift, { currency }),
        consumes: GIFT.consumes,
        valueIssues: requireTotalOrBalance(gift.amount, gift.balance, ['gift', 'amount']),
      };
    case 'loyalty':
      if (!card) return null;
      return {
        value: POINTS.convert(card),
        consumes: POINTS.consumes,
        valueIssues: requireTotalOrBalance(card.points, card.balance, ['loyalty_card', 'points']),
      };
  }
}

/** A marketer can choose the balance alone in the payload designer (vendor facts, section 2.2). */
function requireTotalOrBalance(
  total: number | null | undefined,
  balance: number | null | undefined,
  path: Path,
): readonly ValueIssue[] {
  return typeof total !== 'number' && typeof balance === 'number'
    ? [{ path, message: ONLY_BALANCE, fatal: false }]
    : requireNumber(total, path);
}

const ONLY_BALANCE = 'Not sent; the record has the balance alone';

/** What is wrong with a voucher's type and the blocks that are present. */
function checkType(
  type: string | null | undefined,
  kindOfType: VoucherKind | null,
  present: readonly VoucherKind[],
): ValueIssue | null {
  if (kindOfType === null) {
    if (present.length === 0) return TYPE_ISSUES.noBlock;
    if (present.length > 1) return TYPE_ISSUES.unclear;
    return typeof type === 'string' ? TYPE_ISSUES.unknown : null;
  }
  if (present.length === 0) return TYPE_ISSUES.noBlock;
  if (!present.includes(kindOfType)) return TYPE_ISSUES.otherBlock;
  return present.length === 1 ? null : TYPE_ISSUES.severalBlocks;
}

const TYPE_ISSUES = {
  unclear: toTypeIssue(
    'Expected a known type, or not more than one of discount, gift and loyalty_card',
    true,
  ),
  otherBlock: toTypeIssue('Expected the discount, gift or loyalty_card that the type names', true),
  unknown: toTypeIssue('Unknown voucher type; its discount, gift or loyalty_card decides', false),
  noBlock: toTypeIssue('No discount, gift or loyalty_card; the record has no value', false),
  severalBlocks: toTypeIssue(
    'More than one of discount, gift and loyalty_card; the type decides',
    false,
  ),
};

function toTypeIssue(message: string, fatal: boolean): ValueIssue {
  return { path: ['type'], message, fatal };
}
