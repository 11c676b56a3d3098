import type { Issue } from '../record/record.ts';
import type { WebhookBody } from '../voucherify/body-format.ts';
import { isJsonObject, type JsonObject, type Path } from '../voucherify/json.ts';
import { applyMapping, type Mapping } from './mapping.ts';

/** The objects that a body carries, in Voucherify's shape. */
export interface Payload {
  readonly data: JsonObject;
  /** A merchant's mapping made it from the body. */
  readonly isMapped: boolean;
  /** Turns a path in `data` into a path in the body. */
  readonly toBodyPath: (path: Path) => Path;
}

/** The payload of a body, or the issues for which there is none. */
export type ExtractResult =
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const EMPTY_OBJECT: JsonObject = {};
const UNKNOWN_FORMAT_MESSAGE =
  "Expected a Voucherify envelope, or its data alone; send your own shape to a mapping's URL";

/**
 * Extracts the payload of a body, through the merchant's mapping if the URL names one. The object of a
 * 2018 envelope is not read (vendor facts, section 2.3), so its payload is empty.
 */
export function extractPayload(body: WebhookBody, mapping: Mapping | null): ExtractResult {
  if (body.format === 'legacy') return toResult(EMPTY_OBJECT, (path) => path);
  if (mapping !== null) return extractThroughMapping(body, mapping);
  switch (body.format) {
    case 'distribution':
    case 'project':
      return toResult(body.data, (path) => ['data', ...path]);
    case 'data':
      return toResult(body.root, (path) => path);
    case 'publication':
      return toResult({ publication: body.root }, (path) => path.slice(1));
    case 'designer':
      return { ok: false, issues: explainUnknownFormat(body.root) };
  }
}

function toResult(data: JsonObject, toBodyPath: (path: Path) => Path): ExtractResult {
  return { ok: true, payload: { data, isMapped: false, toBodyPath } };
}

function extractThroughMapping(body: WebhookBody, mapping: Mapping): ExtractResult {
  const result =
    'data' in body
      ? applyMapping(mapping, body.data, ['data'])
      : applyMapping(mapping, body.root, []);
  if (!result.ok) return result;
  const name = `mapping ${mapping.name}`;
  const toBodyPath = (path: Path): Path => [name, ...path];
  return { ok: true, payload: { data: result.data, isMapped: true, toBodyPath } };
}

/** For a body that looks like an envelope: what it lacks. For any other: the formats that exist. */
function explainUnknownFormat(root: JsonObject): readonly Issue[] {
  const { data, source, event } = root;
  if (!isJsonObject(data) || !(isJsonObject(source) || isJsonObject(event))) {
    return [{ path: '', message: UNKNOWN_FORMAT_MESSAGE }];
  }
  const issues: Issue[] = [];
  const sourceType = isJsonObject(source) ? source['object'] : null;
  if (sourceType !== 'distribution' && sourceType !== 'webhook') {
    issues.push({ path: 'source.object', message: 'Expected distribution or webhook' });
  }
  if (!isJsonObject(event) || typeof event['type'] !== 'string' || event['type'] === '') {
    issues.push({ path: 'event.type', message: 'Expected the name of the event' });
  }
  return issues;
}
