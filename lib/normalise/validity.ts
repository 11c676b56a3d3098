import type { VoucherifyValidity } from '../voucherify/validity.ts';
import { fields, type FieldMap, mergeFields } from './field-map.ts';
import type { Voucher } from '../record/record.ts';

type Validity = Pick<Voucher, 'startsAt' | 'expiresAt' | 'timeframe' | 'daysOfWeek' | 'hours'>;

export const VALIDITY_FIELDS: FieldMap = mergeFields(
  fields('start_date expiration_date validity_day_of_week'),
  [
    ['validity_timeframe', { of: fields('interval duration') }],
    [
      'validity_hours',
      {
        of: new Map([['daily', { each: fields('start_time expiration_time days_of_week') }]]),
      },
    ],
  ],
);

/** When something can be used, each part as sent (vendor facts, section 4). Days: 0 is Sunday. */
export function toValidity(source: VoucherifyValidity): Validity {
  const { validity_timeframe: timeframe, validity_hours: hours } = source;
  return {
    startsAt: source.start_date ?? null,
    expiresAt: source.expiration_date ?? null,
    timeframe: timeframe
      ? { interval: timeframe.interval ?? null, duration: timeframe.duration ?? null }
      : null,
    daysOfWeek: source.validity_day_of_week ?? null,
    hours:
      hours?.daily?.map((part) => ({
        startTime: part.start_time ?? null,
        expirationTime: part.expiration_time ?? null,
        daysOfWeek: part.days_of_week ?? null,
      })) ?? null,
  };
}
