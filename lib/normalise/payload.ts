import type { ParsedBody } from '../voucherify/body-format.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import { applyMapping, type Mapping } from './mapping.ts';
import type { Path } from './path.ts';
import type { Issue } from '../record/record.ts';

/** The objects that a body holds, in the sender's shape, and where they stand in the body. */
export type Payload =
  | {
      readonly ok: true;
      readonly data: JsonObject;
      readonly isMapped: boolean;
      /** Turns a path of the data into one of the body. */
      readonly toBodyPath: (path: Path) => Path;
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const EMPTY_OBJECT: JsonObject = {};
const UNKNOWN_FORMAT_MESSAGE =
  'Expected an envelope of Voucherify, its data alone, or a mapping for a shape of your own';

/** Finds the content of a body, through the merchant's mapping when the address named one. */
export function extractPayload(body: ParsedBody, mapping: Mapping | null): Payload {
  if (body.format === 'legacy') return toPayload(EMPTY_OBJECT, (path) => path);
  if (mapping !== null) return toMappedPayload(body, mapping);
  switch (body.format) {
    case 'distribution':
    case 'project':
      return toPayload(body.data, (path) => ['data', ...path]);
    case 'data':
      return toPayload(body.root, (path) => path);
    case 'publication':
      return toPayload({ publication: body.root }, (path) => path.slice(1));
    case 'designer':
      return { ok: false, issues: explainUnknownFormat(body.root) };
  }
}

function toPayload(data: JsonObject, toBodyPath: (at: Path) => Path): Payload {
  return { ok: true, data, isMapped: false, toBodyPath };
}

function toMappedPayload(body: ParsedBody, mapping: Mapping): Payload {
  const result =
    'data' in body
      ? applyMapping(mapping, body.data, ['data'])
      : applyMapping(mapping, body.root, []);
  if (!result.ok) return result;
  const name = `mapping ${mapping.name}`;
  return {
    ok: true,
    data: result.data,
    isMapped: true,
    toBodyPath: (path) => [name, ...path],
  };
}

/** A body that looks like an envelope is told what is missing; any other what is expected. */
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
