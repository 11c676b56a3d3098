/** Bodies as Voucherify builds them, with invented values. Every builder accepts changes to its keys. */

export interface Json {
  [key: string]: unknown;
}

/** When the webhooks of these tests are received. */
export const RECEIVED_AT = '2026-05-04T10:00:00.000Z';

const CREATED_AT = '2026-05-01T08:30:00.125Z';
const UPDATED_AT = '2026-05-03T16:45:10.250Z';

export const DISCOUNTS = {
  amount: { type: 'AMOUNT', amount_off: 1250, effect: 'APPLY_TO_ORDER' },
  amountByFormula: {
    type: 'AMOUNT',
    amount_off: 500,
    amount_off_formula: 'IF(ORDER_AMOUNT > 90;20;5)',
    aggregated_amount_limit: 9000,
    effect: 'APPLY_TO_ITEMS',
    is_dynamic: true,
  },
  percent: { type: 'PERCENT', percent_off: 12.5, amount_limit: 4000, effect: 'APPLY_TO_ORDER' },
  fixed: { type: 'FIXED', fixed_amount: 1999, effect: 'APPLY_TO_ITEMS' },
  unit: {
    type: 'UNIT',
    unit_type: 'prod_mug77',
    unit_off: 2,
    effect: 'ADD_NEW_ITEMS',
    product: { id: 'prod_mug77', source_id: 'mug-blue', name: 'Blue mug' },
  },
  units: {
    type: 'UNIT',
    effect: 'ADD_MANY_ITEMS',
    units: [
      { unit_type: 'prod_mug77', unit_off: 1, effect: 'ADD_NEW_ITEMS' },
      {
        unit_type: 'sku_tea3',
        unit_off: 4,
        unit_off_formula: 'ORDER_AMOUNT / 100',
        effect: 'ADD_MISSING_ITEMS',
        sku: { id: 'sku_tea3', source_id: 'tea-mint', name: 'Mint tea' },
      },
    ],
  },
  shipping: {
    type: 'UNIT',
    unit_type: 'prod_5h1pp1ng',
    unit_off: 1,
    effect: 'ADD_MISSING_ITEMS',
    product: { id: 'prod_5h1pp1ng', source_id: '5h1pp1ng', name: 'Shipping' },
  },
} as const;

export function customer(changes: Json = {}): Json {
  return {
    id: 'cust_mara1',
    source_id: 'crm-4711',
    name: 'Mara Lind',
    email: 'mara.lind@shop.example',
    metadata: { lang: 'sv' },
    object: 'customer',
    ...changes,
  };
}

export function campaign(changes: Json = {}): Json {
  return {
    id: 'camp_quay5',
    name: 'Quay week',
    campaign_type: 'DISCOUNT_COUPONS',
    type: 'AUTO_UPDATE',
    is_referral_code: false,
    voucher: { type: 'DISCOUNT_VOUCHER', discount: { ...DISCOUNTS.percent, units: null } },
    auto_join: false,
    active: true,
    category_id: null,
    category: null,
    metadata: { season: 'spring' },
    start_date: null,
    expiration_date: null,
    description: null,
    created_at: CREATED_AT,
    updated_at: UPDATED_AT,
    object: 'campaign',
    ...changes,
  };
}

export function voucher(changes: Json = {}): Json {
  return {
    id: 'v_quay5a',
    code: 'QUAY-7H2K',
    type: 'DISCOUNT_VOUCHER',
    discount: DISCOUNTS.percent,
    campaign: 'Quay week',
    campaign_id: 'camp_quay5',
    is_referral_code: false,
    holder_id: 'cust_mara1',
    category_id: null,
    active: true,
    created_at: CREATED_AT,
    updated_at: UPDATED_AT,
    redemption: { quantity: 3, redeemed_quantity: 1 },
    start_date: null,
    expiration_date: '2026-08-31T21:59:59Z',
    metadata: {},
    object: 'voucher',
    ...changes,
  };
}

export function giftCard(changes: Json = {}): Json {
  const { discount: _, ...common } = voucher();
  const gift = { amount: 10_000, balance: 7_250, effect: 'APPLY_TO_ORDER' };
  return { ...common, code: 'GIFT-92MM', type: 'GIFT_VOUCHER', gift, ...changes };
}

export function loyaltyCard(changes: Json = {}): Json {
  const { discount: _, ...common } = voucher();
  const card = {
    points: 800,
    balance: 640,
    pending_points: 20,
    next_expiration_date: '2026-12-31',
    next_expiration_points: 100,
  };
  return {
    ...common,
    id: 'v_card8',
    code: 'CARD-0055',
    type: 'LOYALTY_CARD',
    loyalty_card: card,
    ...changes,
  };
}

export function publication(changes: Json = {}): Json {
  return {
    id: 'pub_quay9',
    object: 'publication',
    created_at: '2026-05-04T09:59:57.301Z',
    customer_id: 'cust_mara1',
    tracking_id: 'crm-4711',
    metadata: { source_type: 'distribution' },
    channel: 'Dashboard',
    source_id: null,
    result: 'SUCCESS',
    customer: { id: 'cust_mara1', source_id: 'crm-4711', address: null, object: 'customer' },
    vouchers_id: ['v_quay5a'],
    ...changes,
  };
}

export function distribution(changes: Json = {}): Json {
  return {
    id: 'distr_quay2',
    created_at: CREATED_AT,
    updated_at: null,
    status: 'TO SEND',
    consents: { disabled: true },
    set_live_at: null,
    distribution_channels: ['webhook'],
    ...changes,
  };
}

export function promotionTier(changes: Json = {}): Json {
  return {
    id: 'promo_quay3',
    name: 'Second coffee',
    banner: null,
    campaign: { id: 'camp_quay5' },
    metadata: {},
    ...changes,
  };
}

/** The data of a manual distribution that sends a code. */
export function codeData(changes: Json = {}): Json {
  return {
    distribution: distribution(),
    campaign: campaign(),
    voucher: voucher(),
    customer: customer(),
    publication: publication(),
    ...changes,
  };
}

/** The data of a manual distribution that sends a promotion. */
export function promotionData(changes: Json = {}): Json {
  return {
    distribution: distribution(),
    campaign: campaign({ campaign_type: 'PROMOTION', type: 'STATIC' }),
    customer: customer(),
    promotion_tier: promotionTier(),
    ...changes,
  };
}

/** Wraps data in the envelope of a distribution. */
export function fromDistribution(event: string, data: unknown, changes: Json = {}): Json {
  return {
    id: 'whs_5d0c8812ef',
    project_id: 'proj_Quay',
    created_at: '2026-05-04T09:59:59.000Z',
    type: 'Quay codes',
    data,
    source: { id: 'distr_quay2', object: 'distribution', target_url: 'https://shop.example/hook' },
    event: {
      id: 'evcus_77a1',
      type: event,
      created_at: '2026-05-04T09:59:58.500Z',
      entity_id: 'cust_mara1',
      group_id: 'v-77a1',
      event_source: { channel: 'USER_PORTAL', user: { id: 'user_q1' } },
    },
    ...changes,
  };
}

/** Wraps data in the envelope of a webhook of the project settings. */
export function fromProject(event: string, data: unknown, changes: Json = {}): Json {
  return fromDistribution(event, data, {
    type: event,
    source: { id: 'wh_quay1', object: 'webhook', target_url: 'https://shop.example/hook' },
    ...changes,
  });
}

/** A body with the envelope of 2018. */
export function legacy(changes: Json = {}): Json {
  return {
    id: 'ev_old1',
    object: 'event',
    webhook_id: 'whs_old1',
    project_id: 'proj_Quay',
    created_at: '2019-02-03T04:05:06Z',
    type: 'voucher.published',
    data: { object: voucher() },
    metadata: {},
    ...changes,
  };
}

const KNOWN_OBJECTS: Json = {
  ...codeData(),
  promotion_tier: promotionTier(),
  holder: customer(),
  vouchers: [voucher()],
  buckets: [{ points: 5 }],
  created_at: CREATED_AT,
  updated_at: UPDATED_AT,
  deleted_at: UPDATED_AT,
  completed_at: UPDATED_AT,
  count: 40,
  points: 30,
};

/** The data of an event with these keys; a key that the record does not use gets an arbitrary object. */
export function dataCarrying(keys: readonly string[]): Json {
  return Object.fromEntries(
    keys.map((key) => [key, KNOWN_OBJECTS[key] ?? { id: `${key}_1`, object: key, amount: 7 }]),
  );
}
