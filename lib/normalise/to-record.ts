import { toContentHashId } from '../record/record-id.ts';
import { type Issue, RECORD_SCHEMA_ID, type RelayRecord } from '../record/record.ts';
import { type BodyFormat, detectBodyFormat } from '../voucherify/body-format.ts';
import { isFullTimestamp } from '../voucherify/timestamp.ts';
import { type EnvelopeInfo, readEnvelope } from './envelope.ts';
import type { Mapping } from './mapping.ts';
import { parseObjects, type RecordObjects } from './parse-objects.ts';
import { extractPayload } from './payload.ts';
import { inferPurpose, isReward, resolveEvent } from './purpose.ts';
import { collectUnmapped, type ConsumedObjects, findNonJsonSafe } from './unmapped-fields.ts';
import { validate } from './validate.ts';
import { findWarnings } from './warnings.ts';

/** What is known of a webhook besides its body. */
export interface ToRecordContext {
  /** RFC 3339, the time at which `usable` holds. */
  readonly receivedAt: string;
  /** ISO 4217, from the settings: webhooks carry none. */
  readonly currency: string | null;
  /**
   * Hex SHA-256 of the body without the white space between its tokens: the record's id when the
   * webhook has none. A function, because most webhooks have an id and need no hash.
   */
  readonly contentHash: () => string;
  /** The merchant's mapping that the URL names, or null. */
  readonly mapping: Mapping | null;
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
  const { receivedAt, currency } = context;
  const body = detectBodyFormat(bodyJson);
  if (body === null) {
    const issues = [{ path: '', message: 'Expected a JSON object' }];
    const id = toContentHashId(context.contentHash());
    return { ok: false, id, format: null, event: null, issues };
  }
  const { format, root } = body;
  const envelope = readEnvelope(body);
  const id = envelope.id ?? toContentHashId(context.contentHash());
  const extracted = extractPayload(body, context.mapping);
  if (!extracted.ok) {
    return { ok: false, id, format, event: envelope.event, issues: extracted.issues };
  }
  const { payload } = extracted;
  const { event, definition } = resolveEvent(envelope.event, payload);

  const consumed: ConsumedObjects = new Map([[root, envelope.consumes]]);
  const parsed = parseObjects(
    payload,
    { isReward: isReward(event, payload.data), currency, receivedAt },
    // what a mapping returns cannot be traced back to the body, all of which stays in `unmapped`
    payload.isMapped ? new Map() : consumed,
  );
  const { objects } = parsed;
  const purpose = inferPurpose(format, payload, definition, objects.customer !== null);

  const validation = validate(purpose, parsed, payload.isMapped);
  const fieldIssues = [...envelope.fieldIssues, ...parsed.fieldIssues];
  const unmapped = collectUnmapped(root, consumed, fieldIssues);
  const issues = [...validation.issues, ...findNonJsonSafe(unmapped)];
  if (issues.length > 0) return { ok: false, id, format, event, issues };

  const subject = objects.customer?.id ?? objects.customer?.sourceId;
  const record: RelayRecord = {
    specversion: '1.0',
    id,
    source: envelope.source,
    type: `voucherify.${event ?? 'unknown'}`,
    ...(subject ? { subject } : {}),
    time: envelope.time ?? getPublicationTime(objects) ?? receivedAt,
    datacontenttype: 'application/json',
    dataschema: RECORD_SCHEMA_ID,
    data: {
      purpose,
      distributionLabel: envelope.label,
      test: isTest(envelope, objects),
      receivedAt,
      ...objects,
      unmapped,
      warnings: findWarnings({
        body,
        envelope,
        event,
        definition,
        payload,
        parsed,
        receivedAt,
        validationWarnings: validation.warnings,
      }),
    },
  };
  return { ok: true, record };
}

function getPublicationTime({ publication }: RecordObjects): string | null {
  const createdAt = publication?.createdAt ?? null;
  return createdAt !== null && isFullTimestamp(createdAt) ? createdAt : null;
}

const SAMPLE_ID = /^[a-z]+_0+$/;

/** The dashboard sends sample payloads whose ids are zeros (vendor facts, section 2.4). */
function isTest(envelope: EnvelopeInfo, objects: RecordObjects): boolean {
  const { distribution, publication, voucher, customer } = objects;
  const ids = [
    ...envelope.idsForTestCheck,
    distribution?.id,
    publication?.id,
    voucher?.id,
    customer?.id,
  ];
  return ids.some((id) => typeof id === 'string' && SAMPLE_ID.test(id));
}
