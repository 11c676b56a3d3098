import * as v from 'valibot';

/**
 * The requests of other people's APIs, as far as the ready-made destinations and the documented examples
 * use them, written from the description of each. Strict: a key that it does not know is a mistake of ours.
 *
 * | API | description | of |
 * |---|---|---|
 * | Klaviyo | github.com/klaviyo/openapi, openapi/stable/apis/create_or_update_profile.json and bulk_import_profiles.json | version 2026-07-15, read on 2026-11-27 |
 * | Braze | the documentation: POST /users/track, API rate limits; there is no machine-readable one | stored pages, read on 2026-11-27 |
 * | Twilio | github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json | 2026-04-14, read on 2026-11-27 |
 * | Snowflake | github.com/snowflakedb/snowflake-rest-api-specs, specifications/sqlapi.yaml | version 2.0.0 of 2026-04-02, read on 2026-11-27. It does not list the token type PROGRAMMATIC_ACCESS_TOKEN; a Postman collection of the API of 2026-06-05 does |
 * | SendGrid, Airship | the documentation | November 2026 |
 */

/** The requests that each API takes: a second, and a minute where that is another limit. */
export const DOCUMENTED_LIMITS = {
  klaviyo: { perSecond: 75, perMinute: 750 },
  klaviyoBulk: { perSecond: 10, perMinute: 150 },
  /** 3,000 in three seconds. */
  braze: { perSecond: 1_000, perMinute: null },
};

const NonEmptyTextSchema = v.pipe(v.string(), v.nonEmpty());
const EmailSchema = v.pipe(v.string(), v.email());

const KlaviyoValueSchema = v.union([v.string(), v.number(), v.boolean()]);
const createKlaviyoProfileSchema = <Value extends v.GenericSchema>(value: Value) =>
  v.strictObject({
    type: v.literal('profile'),
    id: v.exactOptional(NonEmptyTextSchema),
    attributes: v.strictObject({
      email: v.exactOptional(EmailSchema),
      phone_number: v.exactOptional(NonEmptyTextSchema),
      external_id: v.exactOptional(NonEmptyTextSchema),
      properties: v.exactOptional(v.record(v.string(), value)),
    }),
  });

/** POST /api/profile-import, Create or Update Profile. `properties` takes any JSON; null deletes. */
export const KlaviyoProfileSchema = v.strictObject({
  data: createKlaviyoProfileSchema(v.nullable(KlaviyoValueSchema)),
});

/**
 * POST /api/profile-bulk-import-jobs, Bulk Import Profiles: up to 10,000 profiles. It does not clear a
 * field that is null (guide Bulk Import Profiles API, of 2026-11-09).
 */
export const KlaviyoJobSchema = v.strictObject({
  data: v.strictObject({
    type: v.literal('profile-bulk-import-job'),
    attributes: v.strictObject({
      profiles: v.strictObject({
        data: v.pipe(
          v.array(createKlaviyoProfileSchema(KlaviyoValueSchema)),
          v.minLength(1),
          v.maxLength(10_000),
        ),
      }),
    }),
  }),
});
export const MAX_KLAVIYO_JOB_BYTES = 5_000_000;

const BrazeValueSchema = v.nullable(v.union([v.string(), v.number(), v.boolean()]));

/**
 * POST /users/track: up to 75 attributes and events together, each with an identifier; a null attribute is
 * deleted.
 */
export const BrazeTrackSchema = v.pipe(
  v.strictObject({
    attributes: v.pipe(
      v.array(
        v.objectWithRest(
          {
            external_id: NonEmptyTextSchema,
            email: v.exactOptional(EmailSchema),
            phone: v.exactOptional(NonEmptyTextSchema),
          },
          BrazeValueSchema,
        ),
      ),
      v.minLength(1),
    ),
    events: v.exactOptional(
      v.pipe(
        v.array(
          v.strictObject({
            external_id: NonEmptyTextSchema,
            name: NonEmptyTextSchema,
            time: v.pipe(v.string(), v.isoTimestamp()),
            properties: v.exactOptional(v.record(v.string(), BrazeValueSchema)),
          }),
        ),
        v.minLength(1),
      ),
    ),
  }),
  v.check(
    ({ attributes, events = [] }) => attributes.length + events.length <= 75,
    'up to 75 objects',
  ),
);

/** The form of POST /2010-04-01/Accounts/{AccountSid}/Messages.json: whom to, from whom, and a text. */
export const TwilioMessageSchema = v.strictObject({
  To: v.pipe(v.string(), v.regex(/^\+[1-9]\d{1,14}$/)),
  MessagingServiceSid: v.exactOptional(v.pipe(v.string(), v.regex(/^MG[0-9a-fA-F]{32}$/))),
  From: v.exactOptional(NonEmptyTextSchema),
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
    role: v.exactOptional(NonEmptyTextSchema),
    database: NonEmptyTextSchema,
    schema: NonEmptyTextSchema,
    warehouse: NonEmptyTextSchema,
    timeout: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(604_800)),
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
