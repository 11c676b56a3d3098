import * as v from 'valibot';
import { EXPECTED_OBJECT, IdField, TextField, TimeField } from './fields.ts';

/**
 * The envelope of 2024-01-01 (vendor facts, section 2.1), without its `data`. Only `source.object`
 * and `event.type` are needed to recognise it; whatever else is missing has a fallback.
 */
export const EnvelopeSchema = v.object(
  {
    id: IdField,
    project_id: TextField,
    created_at: TimeField,
    type: TextField,
    source: v.nullish(v.object({ id: TextField, object: TextField }, EXPECTED_OBJECT)),
    event: v.nullish(
      v.object({ id: TextField, type: TextField, created_at: TimeField }, EXPECTED_OBJECT),
    ),
  },
  EXPECTED_OBJECT,
);
export type EnvelopeObject = v.InferInput<typeof EnvelopeSchema>;

/**
 * The envelope of 2018-08-01 (vendor facts, section 2.3): `webhook_id` is the id of the send-out,
 * `id` that of the event.
 */
export const LegacyEnvelopeSchema = v.object(
  {
    webhook_id: IdField,
    project_id: TextField,
    created_at: TimeField,
    type: TextField,
  },
  EXPECTED_OBJECT,
);
export type LegacyEnvelopeObject = v.InferInput<typeof LegacyEnvelopeSchema>;
