import type { Voucher } from '../record/record.ts';
import type {
  VoucherifyHours,
  VoucherifyTimeframe,
  VoucherifyValidity,
} from '../voucherify/validity.ts';
import { defineFieldMap, type FieldMapEntries, inside, items, nested } from './field-map.ts';

type Validity = Pick<Voucher, 'startsAt' | 'expiresAt' | 'timeframe' | 'daysOfWeek' | 'hours'>;

const TIMEFRAME = defineFieldMap<VoucherifyTimeframe, NonNullable<Validity['timeframe']>>({
  interval: 'interval',
  duration: 'duration',
});

const HOURS = defineFieldMap<VoucherifyHours, NonNullable<Validity['hours']>[number]>({
  startTime: 'start_time',
  expirationTime: 'expiration_time',
  daysOfWeek: 'days_of_week',
});

/** When a voucher or a promotion tier can be used, each part as sent (vendor facts, section 4). */
export const VALIDITY_FIELDS: FieldMapEntries<VoucherifyValidity, Validity> = {
  startsAt: 'start_date',
  expiresAt: 'expiration_date',
  timeframe: nested('validity_timeframe', TIMEFRAME),
  daysOfWeek: 'validity_day_of_week',
  hours: inside('validity_hours', items('daily', HOURS)),
};
