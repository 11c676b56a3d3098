import * as v from 'valibot';

/**
 * The requests of other people's APIs, as far as the documented examples use them, written from the
 * documentation of each. Strict: a key that the documentation does not know is a mistake of ours.
 */

const NonEmptyTextSchema = v.pipe(v.string(), v.nonEmpty());
const EmailSchema = v.pipe(v.string(), v.email());

/** POST /api/profile-import, Create or Update Profile. `properties` takes any JSON; null deletes. */
export const KlaviyoProfileSchema = v.strictObject({
  data: v.strictObject({
    type: v.literal('profile'),
    id: v.exactOptional(NonEmptyTextSchema),
    attributes: v.strictObject({
      email: v.exactOptional(EmailSchema),
      phone_number: v.exactOptional(NonEmptyTextSchema),
      external_id: v.exactOptional(NonEmptyTextSchema),
      properties: v.exactOptional(
        v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
      ),
    }),
  }),
});

/** POST /users/track: up to 75 attributes objects, each with an identifier; null deletes. */
export const BrazeTrackSchema = v.strictObject({
  attributes: v.pipe(
    v.array(
      v.objectWithRest(
        {
          external_id: NonEmptyTextSchema,
          email: v.exactOptional(EmailSchema),
          phone: v.exactOptional(NonEmptyTextSchema),
        },
        v.nullable(v.union([v.string(), v.number(), v.boolean()])),
      ),
    ),
    v.minLength(1),
    v.maxLength(75),
  ),
});

/** The form of POST /2010-04-01/Accounts/{AccountSid}/Messages.json: whom to, from whom, and a text. */
export const TwilioMessageSchema = v.strictObject({
  To: v.pipe(v.string(), v.regex(/^\+[1-9]\d{1,14}$/)),
  MessagingServiceSid: v.pipe(v.string(), v.regex(/^MG[0-9a-f]{32}$/)),
  Body: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1_600)),
});

/** POST /v3/mail/send with a dynamic template, which replaces subject and content. */
export const SendgridMailSchema = v.strictObject({
  from: v.strictObject({ email: EmailSchema, name: v.exactOptional(v.string()) }),
  template_id: v.pipe(v.string(), v.startsWith('d-')),
  personalizations: v.pipe(
    v.array(
      v.strictObject({
        to: v.pipe(
          v.array(v.strictObject({ email: EmailSchema, name: v.exactOptional(v.string()) })),
          v.minLength(1),
        ),
        dynamic_template_data: v.exactOptional(v.looseObject({})),
        custom_args: v.exactOptional(v.record(v.string(), v.string())),
      }),
    ),
    v.minLength(1),
    v.maxLength(1_000),
  ),
});

/** POST /api/v2/statements of the SQL API: the values of bindings are texts, whatever their type. */
export const SnowflakeStatementSchema = v.pipe(
  v.strictObject({
    statement: NonEmptyTextSchema,
    bindings: v.record(
      v.pipe(v.string(), v.regex(/^[1-9]\d*$/)),
      v.strictObject({ type: v.picklist(['TEXT', 'FIXED', 'BOOLEAN']), value: v.string() }),
    ),
    database: NonEmptyTextSchema,
    schema: NonEmptyTextSchema,
    warehouse: NonEmptyTextSchema,
    timeout: v.pipe(v.number(), v.integer(), v.minValue(1)),
  }),
  v.check(
    ({ statement, bindings }) => statement.split('?').length - 1 === Object.keys(bindings).length,
    'a question mark for every binding',
  ),
);

/** PUT /v1/pass/template/{templateId}/id/{passExternalId}: only the fields that change. */
export const AirshipPassSchema = v.strictObject({
  fields: v.record(
    NonEmptyTextSchema,
    v.strictObject({
      value: v.string(),
      label: v.exactOptional(v.string()),
      changeMessage: v.exactOptional(v.string()),
    }),
  ),
});
