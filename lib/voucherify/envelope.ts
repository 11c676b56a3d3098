import * as v from 'valibot';
import {
  createObjectField,
  EXPECTED_OBJECT,
  IdField,
  NumberField,
  StringField,
  TimeField,
} from './fields.ts';

const VoucherifyWorkflowSchema = v.object(
  {
    id: IdField,
    version: NumberField,
    node: IdField,
    run: IdField,
    step: IdField,
  },
  EXPECTED_OBJECT,
);
/** The workflow that sent a webhook: its definition, and the run and the step that did. */
export type VoucherifyWorkflow = v.InferInput<typeof VoucherifyWorkflowSchema>;

/**
 * The envelope of 2024-01-01 (vendor facts, section 2.1), without its `data`. Only `source.object`
 * and `event.type` are required to detect it. The record has a fallback for every other key.
 */
export const VoucherifyEnvelopeSchema = v.object(
  {
    id: IdField,
    project_id: IdField,
    created_at: TimeField,
    type: StringField,
    source: createObjectField(
      v.object(
        {
          id: StringField,
          object: StringField,
          workflow: createObjectField(VoucherifyWorkflowSchema),
        },
        EXPECTED_OBJECT,
      ),
    ),
    event: createObjectField(
      v.object({ id: StringField, type: StringField, created_at: TimeField }, EXPECTED_OBJECT),
    ),
  },
  EXPECTED_OBJECT,
);
export type VoucherifyEnvelope = v.InferInput<typeof VoucherifyEnvelopeSchema>;

/**
 * The envelope of 2018-08-01 (vendor facts, section 2.3): `webhook_id` is the id of the webhook,
 * `id` is the id of the event.
 */
export const VoucherifyLegacyEnvelopeSchema = v.object(
  {
    webhook_id: IdField,
    project_id: IdField,
    created_at: TimeField,
    type: StringField,
  },
  EXPECTED_OBJECT,
);
export type VoucherifyLegacyEnvelope = v.InferInput<typeof VoucherifyLegacyEnvelopeSchema>;
