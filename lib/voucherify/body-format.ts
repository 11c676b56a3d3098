import { EVENT_KEYS, SUBJECT_KEYS } from './event-catalogue.ts';
import { isJsonObject, type JsonObject, getOwn } from './json.ts';

/**
 * The forms of a webhook's body (vendor facts, section 2): an envelope of a distribution, of the
 * project's settings, or of 2018; without an envelope the data object alone, or a publication
 * alone; and whatever a marketer built in the payload designer.
 */
export type BodyFormat =
  | 'distribution'
  | 'project'
  | 'legacy'
  | 'data'
  | 'publication'
  | 'designer';

/** A body told apart by its keys. `data` holds the objects: the envelope's data, or the body itself. */
export type WebhookBody =
  | {
      readonly format: 'distribution' | 'project';
      readonly root: JsonObject;
      readonly data: JsonObject;
    }
  | { readonly format: 'legacy' | 'data' | 'publication' | 'designer'; readonly root: JsonObject };

/**
 * Recognises the form of a body by its keys, in the order of the vendor facts, section 2.3.
 * @returns null when the body is no JSON object, and so no webhook of Voucherify
 */
export function detectBodyFormat(bodyJson: unknown): WebhookBody | null {
  if (!isJsonObject(bodyJson)) return null;
  const data = getOwn(bodyJson, 'data');
  const source = getOwn(bodyJson, 'source');
  if (isJsonObject(data) && isJsonObject(source) && hasEventName(bodyJson)) {
    const sourceType = getOwn(source, 'object');
    if (sourceType === 'distribution') return { format: 'distribution', root: bodyJson, data };
    if (sourceType === 'webhook') return { format: 'project', root: bodyJson, data };
  }
  if (bodyJson['object'] === 'event' && typeof getOwn(bodyJson, 'webhook_id') === 'string') {
    return { format: 'legacy', root: bodyJson };
  }
  if (isPublication(bodyJson)) return { format: 'publication', root: bodyJson };
  return { format: isUnwrappedData(bodyJson) ? 'data' : 'designer', root: bodyJson };
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
 * The data object alone: that of a manual distribution; a customer with what was sent or with what
 * happened; or nothing but the sender's own objects under the sender's own keys, as the payload
 * designer sends them in raw mode when nobody changed them. Anything more is a marketer's own shape:
 * in quarantine somebody sees it, while a record taken for mere activity would mail nobody.
 */
function isUnwrappedData(bodyJson: JsonObject): boolean {
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

/** The sender marks its objects with their kind: `object: "voucher"`. */
function hasObjectTag(value: unknown): boolean {
  return isJsonObject(value) && typeof value['object'] === 'string';
}
