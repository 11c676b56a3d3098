import { EVENT_KEYS, SUBJECT_KEYS } from './event-catalogue.ts';
import { isJsonObject, type JsonObject, getOwn } from './json.ts';
import { isBlank } from './no-value.ts';

/**
 * The formats of a webhook's body (vendor facts, section 2): the envelope of a distribution, of the
 * project's settings, of a workflow, of a source that we do not know, or of 2018; without an envelope
 * the data object alone, or a publication alone; and any shape that a marketer built in the payload
 * designer.
 */
export type BodyFormat =
  | 'distribution'
  | 'project'
  | 'workflow'
  | 'other'
  | 'legacy'
  | 'data'
  | 'publication'
  | 'designer';

/** A body and its format. `data` is the data of an envelope; a body without an envelope has none. */
export type WebhookBody =
  | {
      readonly format: 'distribution' | 'project' | 'workflow' | 'other';
      readonly root: JsonObject;
      readonly data: JsonObject;
    }
  | { readonly format: 'legacy' | 'data' | 'publication' | 'designer'; readonly root: JsonObject };

/**
 * Detects the format of a body by its keys, in the order of the vendor facts, section 2.3.
 * @returns null when the body is not a JSON object: then it is not a webhook of Voucherify
 */
export function detectBodyFormat(bodyJson: unknown): WebhookBody | null {
  if (!isJsonObject(bodyJson)) return null;
  const data = getOwn(bodyJson, 'data');
  const source = getOwn(bodyJson, 'source');
  if (isJsonObject(data) && isJsonObject(source) && hasEventName(bodyJson)) {
    const format = toEnvelopeFormat(getOwn(source, 'object'));
    if (format !== null) return { format, root: bodyJson, data };
  }
  if (bodyJson['object'] === 'event' && typeof getOwn(bodyJson, 'webhook_id') === 'string') {
    return { format: 'legacy', root: bodyJson };
  }
  if (isPublication(bodyJson)) return { format: 'publication', root: bodyJson };
  return { format: isVoucherifyData(bodyJson) ? 'data' : 'designer', root: bodyJson };
}

/** `source.object` tells the kinds of envelope apart (vendor facts, section 2.1; introduction to webhooks). */
function toEnvelopeFormat(
  sourceType: unknown,
): 'distribution' | 'project' | 'workflow' | 'other' | null {
  switch (sourceType) {
    case 'distribution':
    case 'workflow':
      return sourceType;
    case 'webhook':
      return 'project';
    default:
      return typeof sourceType === 'string' && !isBlank(sourceType) ? 'other' : null;
  }
}

function hasEventName(envelope: JsonObject): boolean {
  const event = getOwn(envelope, 'event');
  return isJsonObject(event) && typeof event['type'] === 'string' && event['type'] !== '';
}

function isPublication(bodyJson: JsonObject): boolean {
  return (
    bodyJson['object'] === 'publication' &&
    isJsonObject(bodyJson['customer']) &&
    !isJsonObject(bodyJson['publication'])
  );
}

/**
 * Says whether an object is Voucherify's own data: that of a manual distribution; a customer with what
 * was sent or with what happened; or only Voucherify's own objects under Voucherify's own keys, as the
 * payload designer sends them in raw mode when nobody changed them (vendor facts, section 2.2). A body
 * with other keys is a marketer's own shape and goes to quarantine, where a person sees it. As a record
 * it would be an activity, and no customer would get a message.
 */
export function isVoucherifyData(bodyJson: JsonObject): boolean {
  if (isJsonObject(bodyJson['distribution'])) return true;
  const keys = Object.keys(bodyJson);
  if (isJsonObject(bodyJson['customer'])) {
    const isKnownKey = (key: string): boolean => SENT_KEYS.has(key) || SUBJECT_KEYS.has(key);
    if (keys.some((key) => isKnownKey(key) && isJsonObject(bodyJson[key]))) return true;
  }
  return (
    keys.every((key) => EVENT_KEYS.has(key)) && keys.some((key) => hasObjectTag(bodyJson[key]))
  );
}

const SENT_KEYS: ReadonlySet<string> = new Set(['voucher', 'publication', 'promotion_tier']);

/** Voucherify marks its objects with their kind, for example `object: "voucher"`. */
function hasObjectTag(value: unknown): boolean {
  return isJsonObject(value) && typeof value['object'] === 'string';
}
