import type { Voucher } from '../record/record.ts';
import type {
  VoucherifyHours,
  VoucherifyTimeframe,
  VoucherifyValidity,
} from '../voucherify/validity.ts';
import { defineObject, type ObjectFields, inside, items, nested } from './object-map.ts';

type Validity = Pick<Voucher, 'startsAt' | 'expiresAt' | 'timeframe' | 'daysOfWeek' | 'hours'>;

const TIMEFRAME = defineObject<VoucherifyTimeframe, NonNullable<Validity['timeframe']>>({
  interval: 'interval',
  duration: 'duration',
});

const HOURS = defineObject<VoucherifyHours, NonNullable<Validity['hours']>[number]>({
  startTime: 'start_time',
  expirationTime: 'expiration_time',
  daysOfWeek: 'days_of_week',
});

/** When a voucher or a promotion tier can be used, each part as sent (vendor facts, section 4). */
export const VALIDITY_FIELDS: ObjectFields<VoucherifyValidity, Validity> = {
  startsAt: 'start_date',
  expiresAt: 'expiration_date',
  timeframe: nested('validity_timeframe', TIMEFRAME),
  daysOfWeek: 'validity_day_of_week',
  hours: inside('validity_hours', items('daily', HOURS)),
};
