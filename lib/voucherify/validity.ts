import * as v from 'valibot';
import {
  createObjectField,
  WeekdaysField,
  EXPECTED_OBJECT,
  createListSchema,
  StringField,
  TimeField,
} from './fields.ts';

const VoucherifyHoursSchema = v.object(
  { start_time: StringField, expiration_time: StringField, days_of_week: WeekdaysField },
  EXPECTED_OBJECT,
);
/** The hours of some weekdays in which a voucher can be used. */
export type VoucherifyHours = v.InferInput<typeof VoucherifyHoursSchema>;

const VoucherifyTimeframeSchema = v.object(
  { interval: StringField, duration: StringField },
  EXPECTED_OBJECT,
);
/** A repeated period in which a voucher can be used. */
export type VoucherifyTimeframe = v.InferInput<typeof VoucherifyTimeframeSchema>;

/** When a voucher or a promotion tier can be used (vendor facts, section 4). */
export const validityFields = {
  start_date: TimeField,
  expiration_date: TimeField,
  validity_timeframe: createObjectField(VoucherifyTimeframeSchema),
  validity_day_of_week: WeekdaysField,
  validity_hours: createObjectField(
    v.object({ daily: v.nullish(createListSchema(VoucherifyHoursSchema)) }, EXPECTED_OBJECT),
  ),
};

const VoucherifyValiditySchema = v.object(validityFields, EXPECTED_OBJECT);
/** The validity fields of a voucher or a promotion tier. */
export type VoucherifyValidity = v.InferInput<typeof VoucherifyValiditySchema>;
