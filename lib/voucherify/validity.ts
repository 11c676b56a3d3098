import * as v from 'valibot';
import { DaysField, EXPECTED_OBJECT, listOf, TextField, TimeField } from './fields.ts';

const HoursSchema = v.object(
  { start_time: TextField, expiration_time: TextField, days_of_week: DaysField },
  EXPECTED_OBJECT,
);

/** When something can be used (vendor facts, section 4): shared by vouchers and promotion tiers. */
export const validityFields = {
  start_date: TimeField,
  expiration_date: TimeField,
  validity_timeframe: v.nullish(
    v.object({ interval: TextField, duration: TextField }, EXPECTED_OBJECT),
  ),
  validity_day_of_week: DaysField,
  validity_hours: v.nullish(v.object({ daily: v.nullish(listOf(HoursSchema)) }, EXPECTED_OBJECT)),
};

const ValiditySchema = v.object(validityFields, EXPECTED_OBJECT);
export type ValidityObject = v.InferInput<typeof ValiditySchema>;
