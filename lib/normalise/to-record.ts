import { isCloudEventString, toCloudEventId } from '../record/cloud-event-string.ts';
import { toContentHashId } from '../record/record-id.ts';
import { type Issue, RECORD_SCHEMA_ID, type RelayRecord } from '../record/record.ts';
import { type BodyFormat, detectBodyFormat } from '../voucherify/body-format.ts';
import { isFullTimestamp, toEndMs } from '../voucherify/timestamp.ts';
import { type EnvelopeInfo, findSenderId, readEnvelope } from './envelope.ts';
import type { Mapping, UnknownMapping } from './mapping.ts';
import { parseLoyalty } from './loyalty.ts';
import { parseObjects, type RecordObjects } from './parse-objects.ts';
import { extractPayload, type Payload } from './payload.ts';
import { findUncertainCode, inferPurpose, isReward, resolveEvent } from './purpose.ts';
import { collectUnmapped, type ConsumedObjects, findNonJsonSafe } from './unmapped-fields.ts';
import { validate } from './validate.ts';
import { findWarnings } from './warnings.ts';

/** What is known of a webhook besides its body. */
export interface ToRecordContext {
  /** RFC 3339, when the webhook was received. */
  readonly receivedAt: string;
  /** RFC 3339, the time at which `usable` holds: later in a replay. */
  readonly checkedAt: string;
  /** ISO 4217, from the settings: webhooks carry none. */
  readonly currency: string | null;
  /**
   * Hex SHA-256 of the body without the white space between its tokens: the record's id when the
   * webhook has none. A function, because most webhooks have an id and need no hash.
   */
  readonly contentHash: () => string;
  /** The merchant's mapping that the URL names, or null. */
  readonly mapping: Mapping | UnknownMapping | null;
  /** RFC 3339: a webhook created before it is a late repeat. Null when any age is accepted. */
  readonly oldestCreatedAt: string | null;
  /** What is wrong with the body's JSON beside what JSON.parse reports. */
  readonly sourceWarnings: readonly Issue[];
}

/** A record, or the issues that prevent one. Issues never hold a value of the webhook. */
export type ToRecordResult =
  | { readonly ok: true; readonly record: RelayRecord }
  | {
      readonly ok: false;
      readonly id: string;
      readonly format: BodyFormat | null;
      readonly event: string | null;
      readonly issues: readonly Issue[];
    };

/**
 * Turns the body of a webhook into a record. Pure, and it never throws for any JSON value: what
 * prevents a record is an issue, what only looks wrong is a warning, and what the record has no key
 * for is in `unmapped`.
 * @param bodyJson the body after JSON.parse
 */
export function toRecord(bodyJson: unknown, context: ToRecordContext): ToRecordResult {
  const { receivedAt, checkedAt, currency } = context;
  const body = detectBodyFormat(bodyJson);
  if (body === null) {
    const issues = [{ path: '', message: 'Expected a JSON object' }];
    const id = toContentHashId(context.contentHash());
    return { ok: false, id, format: null, event: null, issues };
  }
  const { format, root } = body;
  const envelope = readEnvelope(body);
  const id = envelope.id ?? toContentHashId(context.contentHash());
  const invalid = (event: string | null, issues: readonly Issue[]): ToRecordResult => ({
    ok: false,
    id: findSenderId(bodyJson) ?? id,
    format,
    event,
    issues,
  });
  const extracted = extractPayload(body, context.mapping);
  if (!extracted.ok) return invalid(envelope.event, extracted.issues);
  const { payload } = extracted;
  const { event, definition } = resolveEvent(envelope.event, payload);

  const consumed: ConsumedObjects = new Map([[root, envelope.consumes]]);
  const parsed =
    envelope.workflow !== null
      ? parseLoyalty(payload, { event, workflow: envelope.workflow }, definition, consumed)
      : parseObjects(
          payload,
          { isReward: isReward(event, payload.data), currency, checkedAt },
          // what a mapping returns cannot be traced back to the body, all of which stays in `unmapped`
          payload.isMapped ? new Map() : consumed,
        );
  const { objects } = parsed;
  const purpose = inferPurpose(format, payload, definition, objects.customer !== null);

  const validation = validate(purpose, parsed, payload.isMapped);
  const fieldIssues = [...envelope.fieldIssues, ...parsed.fieldIssues];
  const unmapped = collectUnmapped(root, consumed, fieldIssues);
  const isTestEvent = isTest(envelope, payload, objects);
  const issues = [
    ...(isTestEvent ? [] : findLateRepeat(envelope, context.oldestCreatedAt)),
    ...(purpose === 'code' ? findUncertainCode(payload, definition) : []),
    ...validation.issues,
    ...findNonJsonSafe(unmapped),
  ];
  if (issues.length > 0) return invalid(event, issues);

  const subject = objects.customer?.id ?? objects.customer?.sourceId ?? objects.loyalty?.member?.id;
  const record: RelayRecord = {
    specversion: '1.0',
    id,
    source: envelope.source,
    type: `voucherify.${event !== null && isCloudEventString(event) ? event : 'unknown'}`,
    ...(subject ? { subject: toCloudEventId(subject) } : {}),
    time: envelope.time ?? getPublicationTime(objects) ?? receivedAt,
    datacontenttype: 'application/json',
    dataschema: RECORD_SCHEMA_ID,
    data: {
      purpose,
      distributionLabel: envelope.label,
      test: isTestEvent,
      receivedAt,
      ...objects,
      unmapped,
      warnings: [
        ...context.sourceWarnings,
        ...findWarnings({
          body,
          envelope,
          event,
          definition,
          payload,
          parsed,
          checkedAt,
          validationWarnings: validation.warnings,
        }),
      ],
    },
  };
  return { ok: true, record };
}

function getPublicationTime({ publication }: RecordObjects): string | null {
  const createdAt = publication?.createdAt ?? null;
  return createdAt !== null && isFullTimestamp(createdAt) ? createdAt : null;
}

/** Voucherify's own ids, all zeros after the prefix. A merchant's id can end in zeros, too. */
const SAMPLE_ID = /^(?:whs|wh|distr|pub|v|cust)_0+$/;

/**
 * The dashboard sends sample payloads whose ids are zeros (vendor facts, section 2.4). What a mapping
 * returned does not count: its ids can be the merchant's own.
 */
function isTest(envelope: EnvelopeInfo, { isMapped }: Payload, objects: RecordObjects): boolean {
  const { distribution, publication, voucher, customer } = objects;
  const objectIds = [distribution?.id, publication?.id, voucher?.id, customer?.id];
  const ids = [envelope.id, envelope.sourceId, ...(isMapped ? [] : objectIds)];
  return ids.some((id) => typeof id === 'string' && SAMPLE_ID.test(id));
}

/**
 * A webhook that is older than deliveries are remembered may have been delivered before, by a repeat
 * that nobody can tell from the first.
 */
function findLateRepeat(
  { createdAt }: EnvelopeInfo,
  oldestCreatedAt: string | null,
): readonly Issue[] {
  if (createdAt === null || oldestCreatedAt === null) return [];
  // a date alone is late when its whole day is
  if ((toEndMs(createdAt) ?? 0) >= Date.parse(oldestCreatedAt)) return [];
  return [{ path: 'created_at', message: LATE_REPEAT }];
}

const LATE_REPEAT =
  'A late repeat: older than deliveries are remembered, so it may have been delivered before. ' +
  'Replay it with "acceptLate": true if it was not';
