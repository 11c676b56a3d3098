import type { Loyalty, Workflow } from '../record/record.ts';
import { type EventDefinition, WORKFLOW_PREFIX } from '../voucherify/event-catalogue.ts';
import { isJsonObject, type JsonObject, type Path } from '../voucherify/json.ts';
import { VoucherifyActivitySchema } from '../voucherify/loyalty-objects.ts';
import { CUSTOMER } from './customer.ts';
import type { EnvelopeInfo } from './envelope.ts';
import { type ConsumedKeys, mergeKeys, NO_KEYS } from './field-map.ts';
import { createLenientParser } from './lenient-parse.ts';
import { convertActivity } from './loyalty-activity.ts';
import { createLoyaltyReader, type LoyaltyIssues, type LoyaltyReader } from './loyalty-reader.ts';
import {
  CARD_ID,
  convertTransaction,
  MEMBER_ID,
  orNull,
  PROGRAM_ID,
  type TransactionParts,
} from './loyalty-transaction.ts';
import type { ParsedObjects } from './parse-objects.ts';
import type { Payload } from './payload.ts';
import type { ConsumedObjects } from './unmapped-fields.ts';

const NOTHING: TransactionParts = {
  member: null,
  program: null,
  card: null,
  transaction: null,
  points: null,
  tier: null,
  results: [],
};

/** What an activity says of a card. */
const CARD_KEY: ConsumedKeys = new Map([['card_id', 'value']]);

const parseActivity = createLenientParser(VoucherifyActivitySchema);

/**
 * Parses the webhook of a workflow (vendor facts on workflows, sections 2 to 5). It never fails: an
 * event that we do not know becomes a record, too, with the objects that are where others have them.
 * @param definition the event's entry in the catalogue; null when unknown
 * @param consumed receives the objects that the record holds
 */
export function parseLoyalty(
  { data, toBodyPath }: Payload,
  { event, workflow }: Pick<EnvelopeInfo, 'event'> & { readonly workflow: Workflow },
  definition: EventDefinition | null,
  consumed: ConsumedObjects,
): ParsedObjects {
  const issues: LoyaltyIssues = { fieldIssues: [], valueIssues: [] };
  const reader = createLoyaltyReader(data, toBodyPath, issues, consumed);
  const eventType = event?.slice(WORKFLOW_PREFIX.length) ?? null;
  const parts = convertContent(reader, data, eventType, definition?.requiredFields ?? []);
  const customerId = parts.member?.customerId ?? null;
  const loyalty: Loyalty = { ...parts, workflow };
  return {
    objects: {
      distribution: null,
      campaign: null,
      voucher: null,
      otherVouchers: [],
      promotionTier: null,
      customer: customerId === null ? null : CUSTOMER.convert({ id: customerId }),
      publication: null,
      loyalty,
    },
    ...issues,
    useIssues: new Set(),
    isReward: false,
    voucherPath: toBodyPath(['voucher']),
    customerPath: toBodyPath(['member']),
    tierPath: toBodyPath(['promotion_tier']),
  };
}

/**
 * Finds the transaction or the activity, in both documented shapes: below `trigger`, or in the data
 * itself. A transaction names its type again, so that it is recognised whatever the event is called.
 */
function convertContent(
  reader: LoyaltyReader,
  data: JsonObject,
  eventType: string | null,
  requiredFields: readonly string[],
): TransactionParts {
  const trigger = isJsonObject(data['trigger']) ? ['trigger'] : [];
  const transactionPath: Path = [...trigger, 'transaction'];
  if (reader.getObject(transactionPath) !== null) {
    return convertTransaction(reader, transactionPath, eventType) ?? NOTHING;
  }
  const activityPath: Path = ['trigger', 'activity'];
  const contentPath: Path = trigger.length === 0 ? [] : [...activityPath, 'data'];
  for (const key of requiredFields) {
    const path = key === 'transaction' ? transactionPath : [...contentPath, key];
    if (reader.getObject(path) === null) reader.warn(path, 'Expected with this event');
  }
  const parts = convertActivity(reader, contentPath);
  const activity = reader.parse(activityPath, parseActivity);
  if (activity === null) return parts;
  // what the data does not say, the activity around it may. A card definition is no card: it is not read
  reader.consume(
    activityPath,
    mergeKeys(
      parts.member === null ? MEMBER_ID.consumes : NO_KEYS,
      parts.program === null ? PROGRAM_ID.consumes : NO_KEYS,
      parts.card === null ? CARD_KEY : NO_KEYS,
    ),
  );
  return {
    ...parts,
    member: parts.member ?? orNull(MEMBER_ID.convert(activity)),
    program: parts.program ?? orNull(PROGRAM_ID.convert(activity)),
    card: parts.card ?? orNull(CARD_ID.convert({ card_id: activity.card_id })),
  };
}
