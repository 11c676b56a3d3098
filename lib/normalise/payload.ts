import type { Body } from '../voucherify/body-format.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import { applyMapping, type Mapping } from './mapping.ts';
import type { Path } from './path.ts';
import type { Issue } from '../record/record.ts';

/** The objects that a body holds, in the sender's shape, and where they stand in the body. */
export type Content =
  | {
      readonly ok: true;
      readonly data: JsonObject;
      readonly mapped: boolean;
      /** Turns a path of the data into one of the body. */
      readonly inBody: (at: Path) => Path;
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const NOTHING: JsonObject = {};
const FORM_NEEDED =
  'Expected an envelope of Voucherify, its data alone, or a mapping for a shape of your own';

/** Finds the content of a body, through the merchant's mapping when the address named one. */
export function contentOf(body: Body, mapping: Mapping | null): Content {
  if (body.form === 'legacy') return plain(NOTHING, (at) => at);
  if (mapping !== null) return mappedContent(body, mapping);
  switch (body.form) {
    case 'distribution':
    case 'project':
      return plain(body.data, (at) => ['data', ...at]);
    case 'data':
      return plain(body.root, (at) => at);
    case 'publication':
      return plain({ publication: body.root }, (at) => at.slice(1));
    case 'designer':
      return { ok: false, issues: whyNoForm(body.root) };
  }
}

function plain(data: JsonObject, inBody: (at: Path) => Path): Content {
  return { ok: true, data, mapped: false, inBody };
}

function mappedContent(body: Body, mapping: Mapping): Content {
  const mapped =
    'data' in body
      ? applyMapping(mapping, body.data, ['data'])
      : applyMapping(mapping, body.root, []);
  if (!mapped.ok) return mapped;
  const name = `mapping ${mapping.name}`;
  return {
    ok: true,
    data: mapped.data,
    mapped: true,
    inBody: (at) => [name, ...at],
  };
}

/** A body that looks like an envelope is told what is missing; any other what is expected. */
function whyNoForm(root: JsonObject): readonly Issue[] {
  const { data, source, event } = root;
  if (!isJsonObject(data) || !(isJsonObject(source) || isJsonObject(event))) {
    return [{ path: '', message: FORM_NEEDED }];
  }
  const issues: Issue[] = [];
  const sender = isJsonObject(source) ? source['object'] : null;
  if (sender !== 'distribution' && sender !== 'webhook') {
    issues.push({ path: 'source.object', message: 'Expected distribution or webhook' });
  }
  if (!isJsonObject(event) || typeof event['type'] !== 'string' || event['type'] === '') {
    issues.push({ path: 'event.type', message: 'Expected the name of the event' });
  }
  return issues;
}
