import type { Json } from './payloads.ts';

/** Webhooks of workflows as Voucherify builds them, with invented values. */

const CREATED_AT = '2026-09-14T07:20:11.305Z';
const UPDATED_AT = '2026-09-14T07:20:12.040Z';

/** Wraps data in the newest envelope of a workflow. */
export function fromWorkflow(event: string, data: unknown, changes: Json = {}): Json {
  return {
    id: 'whs_7c1de04b92',
    project_id: 'proj_Quay',
    created_at: '2026-09-14T07:20:13.000Z',
    type: event,
    data,
    source: {
      id: 'wfdef_q1',
      object: 'workflow',
      target_url: 'https://shop.example/hook',
      workflow: {
        id: 'wfdef_q1',
        version: 4,
        node: 'exwfnod_q2',
        run: 'wfrun_q3',
        step: 'wfrnstp_q4',
      },
    },
    event: {
      id: 'lctx_q10',
      type: event,
      created_at: CREATED_AT,
      group_id: 'i-q5',
      entity_id: 'lctx_q10',
    },
    ...changes,
  };
}

/** The source of a workflow as it was sent before there was `source.workflow`. */
export const COMPOSITE_SOURCE = {
  id: 'wfdef_q1-wfrnstp_q4',
  object: 'workflow',
  target_url: 'https://shop.example/hook',
};

/** The same data in the newest shape: below `trigger`. */
export function inTrigger(event: string, data: Json, subjectIds: Json = {}): Json {
  if ('transaction' in data) return { trigger: data };
  const common = { id: 'lambr_q6', type: event, group_id: 'i-q5', created_at: CREATED_AT };
  return { trigger: { activity: { ...common, ...subjectIds, data } } };
}

/** The data of a transaction: the ids of its member and card, and its details. */
export function transaction(type: string, details: Json = {}, changes: Json = {}): Json {
  return {
    transaction: {
      id: 'lctx_q10',
      card_id: 'lcrd_q7',
      program_id: 'lprg_q8',
      member_id: 'lmbr_q9',
      card_definition_id: 'lcdef_q11',
      card_type: 'INDIVIDUAL',
      type,
      details: {
        reason: 'Order 1512 paid',
        rejection: null,
        metadata: { shop: 'quay' },
        ...details,
      },
      status: 'APPROVED',
      created_at: CREATED_AT,
      updated_at: UPDATED_AT,
      object: 'card_transaction',
      ...changes,
    },
  };
}

export function member(changes: Json = {}): Json {
  return {
    id: 'lmbr_q9',
    customer_id: 'cust_mara1',
    program_id: 'lprg_q8',
    status: 'ACTIVE',
    metadata: { channel: 'till' },
    created_at: CREATED_AT,
    updated_at: null,
    object: 'member',
    ...changes,
  };
}

export function program(changes: Json = {}): Json {
  return {
    id: 'lprg_q8',
    name: 'Quay club',
    status: 'ACTIVE',
    start_date: '2026-01-01',
    end_date: null,
    validity_hours: { type: 'ANY_TIME' },
    metadata: {},
    created_at: CREATED_AT,
    updated_at: UPDATED_AT,
    object: 'program',
    ...changes,
  };
}

export function card(changes: Json = {}): Json {
  return {
    id: 'lcrd_q7',
    program_id: 'lprg_q8',
    card_definition_id: 'lcdef_q11',
    card_type: 'INDIVIDUAL',
    code: 'QUAY-CARD-0071',
    customer_id: 'cust_mara1',
    member_id: 'lmbr_q9',
    balance: { points: 340, pending_points: 25 },
    created_at: CREATED_AT,
    updated_at: null,
    object: 'card',
    ...changes,
  };
}

/** What a purchase of a reward gave: a coupon and a gift card. */
export function digitalResult(changes: Json = {}): Json {
  return {
    result: {
      reward: { id: 'lrew_q12', type: 'DIGITAL' },
      quantity: 1,
      material: null,
      digital: {
        type: 'DISCOUNT_COUPONS',
        discount_coupons: [{ id: 'v_q13', code: 'QUAY-REWARD-13', ...changes }],
        gift_vouchers: [
          { id: 'v_q14', code: 'QUAY-GIFT-14', amount: 2_000, balance: 2_000, ...changes },
        ],
      },
    },
  };
}

/** What a benefit gave: the code is beside `digital`. */
export function benefitResult(changes: Json = {}): Json {
  return {
    result: {
      details: {
        digital: { type: 'DISCOUNT_COUPONS', discount_coupons: { campaign_id: 'camp_q15' } },
        voucher_id: 'v_q16',
        code: 'QUAY-BENEFIT-16',
        ...changes,
      },
    },
  };
}
