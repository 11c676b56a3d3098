import { describe, expect, it } from 'vitest';
import { redeemableCode } from '../../lib/record/redeemable-code.ts';
import type { Loyalty } from '../../lib/record/record.ts';
import { findLostValues } from '../conformance/find-lost-values.ts';
import { codeData, fromDistribution, fromProject, type Json } from '../support/payloads.ts';
import {
  benefitResult,
  card,
  COMPOSITE_SOURCE,
  digitalResult,
  fromWorkflow,
  inTrigger,
  member,
  program,
  transaction,
} from '../support/workflow-payloads.ts';
import { getPaths, requireRecord } from './to-record-result.ts';

/** The loyalty block of a transaction's record, from both shapes, which must be equal but for the workflow. */
function requireLoyalty(event: string, data: Json): Loyalty {
  const { loyalty } = requireRecord(fromWorkflow(event, inTrigger(event, data))).data;
  const bare = requireRecord(fromWorkflow(event, data)).data.loyalty;
  if (loyalty === null) throw new Error('The record has no loyalty block');
  expect(bare).toEqual(loyalty);
  return loyalty;
}

function requireWarnings(event: string, data: Json): string[] {
  return getPaths(requireRecord(fromWorkflow(event, data)).data.warnings);
}

describe('the webhook of a workflow', () => {
  it('is an activity about a member', () => {
    const data = transaction('POINTS_EARNED', {
      points: { total: 250, expiration_date: '2027-09-14' },
    });
    const body = fromWorkflow('POINTS_EARNED', inTrigger('POINTS_EARNED', data));
    const record = requireRecord(body);
    expect(record).toMatchObject({
      id: 'whs_7c1de04b92',
      source: '/voucherify/proj_Quay/wfdef_q1',
      type: 'voucherify.workflow.POINTS_EARNED',
      subject: 'lmbr_q9',
      time: '2026-09-14T07:20:11.305Z',
      data: {
        purpose: 'activity',
        distributionLabel: null,
        test: false,
        voucher: null,
        customer: null,
        publication: null,
        warnings: [],
      },
    });
    expect(record.data.loyalty).toEqual({
      member: {
        id: 'lmbr_q9',
        customerId: null,
        status: null,
        metadata: null,
        createdAt: null,
        updatedAt: null,
      },
      program: {
        id: 'lprg_q8',
        name: null,
        status: null,
        startsAt: null,
        endsAt: null,
        metadata: null,
        createdAt: null,
        updatedAt: null,
      },
      card: {
        id: 'lcrd_q7',
        code: null,
        definitionId: 'lcdef_q11',
        type: 'INDIVIDUAL',
        balance: null,
        nextExpiration: null,
        createdAt: null,
        updatedAt: null,
      },
      transaction: {
        id: 'lctx_q10',
        object: 'card_transaction',
        type: 'POINTS_EARNED',
        status: 'APPROVED',
        reason: 'Order 1512 paid',
        cardTransactionId: null,
        orderId: null,
        rewardId: null,
        benefitId: null,
        earningRuleId: null,
        metadata: { shop: 'quay' },
        createdAt: '2026-09-14T07:20:11.305Z',
        updatedAt: '2026-09-14T07:20:12.040Z',
      },
      points: {
        total: 250,
        change: 250,
        direction: 'gained',
        pending: false,
        date: null,
        expiresAt: '2027-09-14',
      },
      tier: null,
      results: [],
      workflow: {
        id: 'wfdef_q1',
        version: 4,
        node: 'exwfnod_q2',
        run: 'wfrun_q3',
        step: 'wfrnstp_q4',
      },
    });
    expect(record.data.unmapped).toEqual({
      created_at: '2026-09-14T07:20:13.000Z',
      data: { trigger: { transaction: { details: { rejection: null } } } },
      source: { object: 'workflow', target_url: 'https://shop.example/hook' },
      event: { id: 'lctx_q10', group_id: 'i-q5', entity_id: 'lctx_q10' },
    });
  });

  it('names its customer where the event does', () => {
    const record = requireRecord(
      fromWorkflow('vl.member.created', { member: member(), program: program() }),
    );
    expect(record.subject).toBe('cust_mara1');
    expect(record.data.customer).toMatchObject({ id: 'cust_mara1', sourceId: null, email: null });
    expect(record.data.loyalty).toMatchObject({
      member: { id: 'lmbr_q9', customerId: 'cust_mara1', status: 'ACTIVE' },
      program: { id: 'lprg_q8', name: 'Quay club', startsAt: '2026-01-01', endsAt: null },
      card: null,
      transaction: null,
      points: null,
      tier: null,
      results: [],
    });
  });

  it('of the older shape names the workflow and the step in the id of its source', () => {
    const body = fromWorkflow('LEFT', transaction('LEFT'), { source: COMPOSITE_SOURCE });
    const { source, data } = requireRecord(body);
    expect(source).toBe('/voucherify/proj_Quay/wfdef_q1');
    expect(data.loyalty?.workflow).toEqual({
      id: 'wfdef_q1',
      version: null,
      node: null,
      run: null,
      step: 'wfrnstp_q4',
    });
    expect(data.unmapped).toMatchObject({ source: { id: 'wfdef_q1-wfrnstp_q4' } });
  });

  it.each(['wfdef_q1', 'my-workflow', 'wfdef_q1-other'])('can have the source %s alone', (id) => {
    const body = fromWorkflow('LEFT', transaction('LEFT'), { source: { id, object: 'workflow' } });
    const record = requireRecord(body);
    expect(record.source).toBe(`/voucherify/proj_Quay/${id}`);
    expect(record.data.loyalty?.workflow).toMatchObject({ id, step: null });
  });

  it('is never given a code to hand out', () => {
    const body = fromWorkflow('PURCHASE', transaction('PURCHASE', digitalResult()));
    expect(redeemableCode(requireRecord(body))).toBeNull();
  });
});

describe('the id of a record, by which it is deduplicated,', () => {
  const withStatus = (status: string) =>
    transaction('PURCHASE', { points: { total: 200 } }, { status });

  it("is the envelope's, so that a transaction is a new record each time its status moves", () => {
    const ids = ['PENDING', 'APPROVED', 'REFUNDED'].map(
      (status, index) =>
        requireRecord(fromWorkflow('PURCHASE', withStatus(status), { id: `whs_q${index}` })).id,
    );
    expect(new Set(ids).size).toBe(3);
  });

  it('is the hash of the body when the envelope has none, not the id of the transaction', () => {
    const body = fromWorkflow('PURCHASE', withStatus('APPROVED'), { id: null });
    expect(requireRecord(body, { contentHash: () => 'ab'.repeat(32) }).id).toBe(
      `sha_${'ab'.repeat(32)}`,
    );
  });
});

describe('the type of a record', () => {
  it.each([
    ['JOINED', 'voucherify.workflow.JOINED'],
    ['vl.member.created', 'voucherify.workflow.vl.member.created'],
    ['Brand.NEW', 'voucherify.workflow.Brand.NEW'],
    ['voucher.published', 'voucherify.workflow.voucher.published'],
  ])('of the event %s of a workflow is %s', (event, type) => {
    expect(requireRecord(fromWorkflow(event, {})).type).toBe(type);
  });

  it.each([
    ['JOINED', 'voucherify.joined'],
    ['workflow.JOINED', 'voucherify.unknown.workflow.joined'],
    ['WORKFLOW.vl.member.created', 'voucherify.unknown.workflow.vl.member.created'],
    ['unknown.event', 'voucherify.unknown.unknown.event'],
  ])('of the event %s of the project is %s', (event, type) => {
    expect(requireRecord(fromProject(event, {})).type).toBe(type);
  });
});

describe('an event that is not in the catalogue', () => {
  it.each<[string, Json]>([
    ['POINTS_GIFTED', transaction('POINTS_GIFTED', { points: { total: 5 } })],
    ['vl.member.blocked', { member: member(), reason: { code: 7 } }],
    ['vl.lamp.lit', { lamp: { id: 'lamp_1' } }],
    ['vl.nothing', {}],
  ])('%s becomes a record with a warning', (event, data) => {
    for (const shape of [data, inTrigger(event, data)]) {
      const body = fromWorkflow(event, shape);
      const record = requireRecord(body);
      expect(record.data.purpose).toBe('activity');
      expect(getPaths(record.data.warnings)).toEqual(['event.type']);
      expect(findLostValues(body, record)).toEqual([]);
    }
  });

  it('gives its points no direction', () => {
    const data = transaction('POINTS_GIFTED', { points: { total: 5 } });
    expect(requireLoyalty('POINTS_GIFTED', data).points).toMatchObject({
      total: 5,
      change: null,
      direction: null,
      pending: null,
    });
  });

  it('names the member by the activity when its data does not', () => {
    const activity = { id: 'lambr_q1', type: 'vl.member.blocked', member_id: 'lmbr_q9', data: {} };
    const body = fromWorkflow('vl.member.blocked', { trigger: { activity } });
    const record = requireRecord(body);
    expect(record.subject).toBe('lmbr_q9');
    expect(findLostValues(body, record)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['is a text', { trigger: 'started' }],
    ['has other keys', { trigger: { event: {} } }],
    ['is a list', { trigger: [] }],
    ['has a transaction that is a text', { trigger: { transaction: 'lctx_1' } }],
    ['has an activity whose data is a list', { trigger: { activity: { data: [] } } }],
  ])('becomes a record when the trigger %s', (_, data) => {
    const body = fromWorkflow('vl.nothing', data);
    expect(findLostValues(body, requireRecord(body))).toEqual([]);
  });
});

describe('an activity about a card definition', () => {
  const toBody = (ids: Json): Json => {
    const activity = { id: 'lacd_q1', ...ids, data: { card_definition: {} } };
    return fromWorkflow('vl.card_definition.updated', { trigger: { activity } });
  };

  it.each(['lcdef_q11', 5, ['lcdef_q11']])('is about no card when its id is %j', (id) => {
    const body = toBody({ card_definition_id: id, card_type: id });
    const record = requireRecord(body);
    expect(record.data.loyalty?.card).toBeNull();
    expect(findLostValues(body, record)).toEqual([]);
  });

  it('takes from the activity the id of a card, and no other field of it', () => {
    const body = toBody({ card_id: 'lcrd_q7', card_definition_id: 5, card_type: [] });
    const record = requireRecord(body);
    expect(record.data.loyalty?.card).toMatchObject({
      id: 'lcrd_q7',
      definitionId: null,
      type: null,
    });
    expect(findLostValues(body, record)).toEqual([]);
  });
});

describe('an envelope of an unknown source', () => {
  const body = fromDistribution('Lamp.LIT', codeData(), {
    source: { id: 'lamp_1', object: 'lamp', workflow: { id: 'wfdef_1' } },
  });

  it('is an activity with a warning, and keeps every value', () => {
    const record = requireRecord(body);
    expect(record).toMatchObject({
      type: 'voucherify.unknown.Lamp.LIT',
      source: '/voucherify/proj_Quay/lamp_1',
      data: { purpose: 'activity', loyalty: null, voucher: { code: 'QUAY-7H2K' } },
    });
    expect(record.data.warnings).toEqual([
      { path: 'source.object', message: 'Unknown source; the record is an activity' },
    ]);
    expect(redeemableCode(record)).toBeNull();
    expect(findLostValues(body, record)).toEqual([]);
  });

  it('is an activity whatever it is about', () => {
    expect(
      requireRecord({ ...body, event: { type: 'manual_distribution_schedule' } }).data.purpose,
    ).toBe('activity');
  });
});

describe('what a webhook lacks or contradicts', () => {
  it('gives a warning, and a record', () => {
    expect(requireWarnings('POINTS_EARNED', {})).toEqual(['data.transaction']);
    expect(requireWarnings('POINTS_EARNED', { trigger: {} })).toEqual(['data.trigger.transaction']);
    expect(requireWarnings('vl.member.created', { member: member() })).toEqual(['data.program']);
    expect(requireWarnings('vl.card.created', inTrigger('vl.card.created', {}))).toEqual([
      'data.trigger.activity.data.card',
      'data.trigger.activity.data.program',
    ]);
    expect(requireWarnings('vl.member.created', { member: 'm', program: program() })).toEqual([
      'data.member',
    ]);
    for (const other of ['lctx_q10', [], 7, null]) {
      expect(requireWarnings('PURCHASE', { transaction: other })).toEqual(['data.transaction']);
    }
  });

  it.each(['REFUND', 'POINTS_SPENT_ON_REWARD', null, 7, 'purchase'])(
    'is the type %j in a PURCHASE: no code is usable, and the points have no direction',
    (type) => {
      const data = transaction('PURCHASE', { points: { total: 9 }, ...digitalResult() }, { type });
      const { results, points } = requireLoyalty('PURCHASE', data);
      expect(results.map(({ usable }) => usable)).toEqual([false, false]);
      expect(points).toMatchObject({ direction: null, change: null });
      expect(requireWarnings('PURCHASE', data)).toContain('data.transaction.type');
    },
  );
});

const GAINED = 'POINTS_EARNED ADMIN_CREDIT POINTS_PURCHASED POINTS_RETURNED'.split(' ');
const LOST = [
  'ADMIN_DEBIT POINTS_SPENT_ON_REWARD POINTS_PURCHASE_REVERSED POINTS_SPENT_ON_ORDER',
  'POINTS_REFUNDED POINTS_EXPIRED PURCHASE',
]
  .join(' ')
  .split(' ');

describe('points', () => {
  it.each([
    ...GAINED.map((type) => [type, 'gained', false] as const),
    ...LOST.map((type) => [type, 'lost', false] as const),
    ['PENDING_POINTS_ADDED', 'gained', true] as const,
    ['PENDING_POINTS_ACTIVATED', 'gained', false] as const,
    ['PENDING_POINTS_CANCELED', 'lost', true] as const,
    ['REFUND', 'gained', false] as const,
  ])('of a %s are %s', (type, direction, pending) => {
    const { points } = requireLoyalty(type, transaction(type, { points: { total: 75 } }));
    const change = direction === 'gained' ? 75 : -75;
    expect(points).toMatchObject({ total: 75, change, direction, pending });
  });

  it('of a debit are lost, although only they are sent with a minus', () => {
    const data = transaction('ADMIN_DEBIT', { points: { total: -50 } });
    expect(requireLoyalty('ADMIN_DEBIT', data).points).toMatchObject({
      total: -50,
      change: -50,
      direction: 'lost',
    });
  });

  it('that a type gains cannot be negative', () => {
    const data = transaction('POINTS_EARNED', { points: { total: -50 } });
    expect(requireLoyalty('POINTS_EARNED', data).points).toMatchObject({
      total: -50,
      change: null,
      direction: null,
      pending: null,
    });
    expect(requireWarnings('POINTS_EARNED', data)).toEqual([
      'data.transaction.details.points.total',
    ]);
  });

  it('of 0 change nothing', () => {
    const data = transaction('POINTS_EXPIRED', { points: { total: 0 } });
    expect(requireLoyalty('POINTS_EXPIRED', data).points?.change).toBe(0);
  });

  it('that pay for an order are in the payment, and expire by hand in a bucket', () => {
    const payment = { id: 'pay_q1', amount: 2_500, points_spent: 500, exchange_ratio: 0.1 };
    const ids = { order_id: 'ord_q1', card_transaction_id: 'lctx_q2' };
    const paid = requireLoyalty(
      'PAY_WITH_POINTS',
      transaction('PAY_WITH_POINTS', { payment }, ids),
    );
    expect(paid.points).toMatchObject({ total: 500, change: -500, direction: 'lost' });
    expect(paid.transaction).toMatchObject({ orderId: 'ord_q1', cardTransactionId: 'lctx_q2' });

    const bucket = { id: 'lcpeb_q1', points: { total: 40 }, expiration_date: '2026-09-30' };
    const expired = requireLoyalty(
      'ADMIN_POINTS_EXPIRATION',
      transaction('ADMIN_POINTS_EXPIRATION', { bucket }),
    );
    expect(expired.points).toMatchObject({ total: 40, change: -40, expiresAt: '2026-09-30' });
  });

  it('have the day that pending points name', () => {
    const points = { total: 12, date: '2026-09-21', type: 'PERIOD_BASED' };
    expect(
      requireLoyalty('PENDING_POINTS_ADDED', transaction('PENDING_POINTS_ADDED', { points }))
        .points,
    ).toMatchObject({ date: '2026-09-21', expiresAt: null });
  });

  it('are null when a transaction moves none', () => {
    expect(requireLoyalty('JOINED', transaction('JOINED', { points: 900 })).points).toBeNull();
  });
});

describe('an order and a reward', () => {
  it.each<[string, Json, Json, object]>([
    ['order_id', {}, { order_id: 'ord_q1' }, { orderId: 'ord_q1', rewardId: null }],
    ['details.order', { order: { id: 'ord_q1' } }, {}, { orderId: 'ord_q1', rewardId: null }],
    ['reward_id', {}, { reward_id: 'lrew_q1' }, { orderId: null, rewardId: 'lrew_q1' }],
    ['details.reward', { reward: { id: 'lrew_q1' } }, {}, { orderId: null, rewardId: 'lrew_q1' }],
    [
      'the transaction before its details',
      { order: { id: 'ord_q2' } },
      { order_id: 'ord_q1' },
      { orderId: 'ord_q1' },
    ],
    [
      'details.order, beside a null',
      { order: { id: 'ord_q1' } },
      { order_id: null },
      { orderId: 'ord_q1' },
    ],
  ])('are read from %s', (_, details, changes, expected) => {
    const data = transaction('POINTS_SPENT_ON_ORDER', details, changes);
    const body = fromWorkflow('POINTS_SPENT_ON_ORDER', data);
    const record = requireRecord(body);
    expect(record.data.loyalty?.transaction).toMatchObject(expected);
    expect(findLostValues(body, record)).toEqual([]);
  });
});

describe('a tier', () => {
  it('has the tiers before and after, whose points do not move', () => {
    const details = {
      points: 1_200,
      tier_from: 'lt_q1',
      tier_to: 'lt_q2',
      start_at: '2026-09-14T07:20:11.305Z',
      expires_at: '2027-09-14T23:59:59.999Z',
    };
    const changes = { tier_structure_id: 'lts_q1', tier_id: 'lt_q2', object: 'tier_transaction' };
    const { tier, points } = requireLoyalty('UPGRADED', transaction('UPGRADED', details, changes));
    expect(tier).toEqual({
      id: 'lt_q2',
      name: null,
      structureId: 'lts_q1',
      from: 'lt_q1',
      to: 'lt_q2',
      points: 1_200,
      startsAt: '2026-09-14T07:20:11.305Z',
      expiresAt: '2027-09-14T23:59:59.999Z',
    });
    expect(points).toBeNull();
  });

  it('has its points from a string of digits, as every number', () => {
    const data = transaction('JOINED', { points: '900' }, { tier_structure_id: 'lts_q1' });
    expect(requireLoyalty('JOINED', data).tier?.points).toBe(900);
    expect(requireWarnings('JOINED', data)).toEqual(['data.transaction.details.points']);
  });

  it('is not what a transaction of a card is about, whatever its points are', () => {
    const data = transaction('POINTS_EARNED', { points: 900 });
    expect(requireLoyalty('POINTS_EARNED', data)).toMatchObject({ tier: null, points: null });
    expect(requireWarnings('POINTS_EARNED', data)).toEqual(['data.transaction.details.points']);
  });

  it('has its name where its structure is set up', () => {
    const tier = { id: 'lt_q2', tier_structure_id: 'lts_q1', name: 'Captain' };
    const data = { tier_structure: { id: 'lts_q1' }, tier };
    expect(requireLoyalty('vl.tier_structure.tier.created', data).tier).toMatchObject({
      id: 'lt_q2',
      name: 'Captain',
      structureId: 'lts_q1',
    });
  });
});

describe('a card', () => {
  const memberCard = {
    card: card({ code: null, next_expiration: { points: 30, date: '2026-12-31' } }),
  };

  it('has its code, its balance and what expires next', () => {
    const data = { card: card(), member: member(), member_card: memberCard, program: program() };
    expect(requireLoyalty('vl.card.assigned', data).card).toEqual({
      id: 'lcrd_q7',
      code: 'QUAY-CARD-0071',
      definitionId: 'lcdef_q11',
      type: 'INDIVIDUAL',
      balance: { points: 340, pending: 25 },
      nextExpiration: { date: '2026-12-31', points: 30 },
      createdAt: '2026-09-14T07:20:11.305Z',
      updatedAt: null,
    });
  });

  it('names the member and the customer when no member object does', () => {
    const event = 'vl.card.code_generation.succeeded';
    const body = fromWorkflow(event, { card: card(), program: program() });
    const { subject, data } = requireRecord(body);
    expect(subject).toBe('cust_mara1');
    expect(data.customer?.id).toBe('cust_mara1');
    expect(data.loyalty?.member).toMatchObject({ id: 'lmbr_q9', customerId: 'cust_mara1' });
  });

  it('is read from the member card when it is only there', () => {
    const data = { member: member(), member_card: memberCard };
    expect(requireLoyalty('vl.card.moved', data).card).toMatchObject({
      id: 'lcrd_q7',
      nextExpiration: { points: 30 },
    });
  });

  it.each([null, 4711, '{{card.code}}', ' '])('has no code when %j was sent', (code) => {
    const data = { card: card({ code }), program: program() };
    expect(requireLoyalty('vl.card.created', data).card?.code).toBeNull();
  });

  it('can have a negative balance, if its definition allows one', () => {
    const data = {
      card: card({ balance: { points: -20, pending_points: 0 } }),
      program: program(),
    };
    expect(requireLoyalty('vl.card.created', data).card?.balance).toEqual({
      points: -20,
      pending: 0,
    });
  });
});

/** The usable codes of a transaction's results. */
function findUsableCodes(event: string, details: Json, changes: Json = {}): (string | null)[] {
  return requireLoyalty(event, transaction(event, details, changes)).results.flatMap((result) =>
    result.usable ? [result.code] : [],
  );
}

describe('the codes of rewards and benefits', () => {
  const rewardCodes = ['QUAY-REWARD-13', 'QUAY-GIFT-14'];

  it('are usable in an approved purchase or benefit', () => {
    expect(findUsableCodes('PURCHASE', digitalResult())).toEqual(rewardCodes);
    expect(findUsableCodes('FULFILLMENT', benefitResult())).toEqual(['QUAY-BENEFIT-16']);
  });

  it.each(['PENDING', 'PROCESSING', 'REJECTED', 'REFUNDED', 'SIMULATED', 'approved', '', null, 1])(
    'are not usable with the status %j',
    (status) => {
      expect(findUsableCodes('PURCHASE', digitalResult(), { status })).toEqual([]);
      expect(findUsableCodes('FULFILLMENT', benefitResult(), { status })).toEqual([]);
    },
  );

  it.each(['REFUND', 'POINTS_PURCHASED', 'POINTS_SPENT_ON_REWARD', 'SOMETHING_NEW'])(
    'are not usable in a %s',
    (event) => {
      expect(findUsableCodes(event, { ...digitalResult(), ...benefitResult() })).toEqual([]);
      expect(findUsableCodes(event, digitalResult())).toEqual([]);
    },
  );

  it.each(['DELETED', 'SKIPPED', 'CREDITS_SUBTRACTED', 'SOLD', '', 0, {}, ['DELETED']])(
    'are not usable when the result is %j',
    (result) => {
      expect(findUsableCodes('PURCHASE', digitalResult({ result }))).toEqual([]);
      expect(findUsableCodes('FULFILLMENT', benefitResult({ result }))).toEqual([]);
    },
  );

  it.each(['SOLD', '', 0, {}])('give a warning when the result is %j', (result) => {
    expect(requireWarnings('PURCHASE', transaction('PURCHASE', digitalResult({ result })))).toEqual(
      [
        'data.transaction.details.result.digital.discount_coupons.0.result',
        'data.transaction.details.result.digital.gift_vouchers.0.result',
      ].sort(),
    );
  });

  it.each([null, 1512, ' ', '{{code}}', 'null', ['A']])('are none when the code is %j', (code) => {
    expect(findUsableCodes('PURCHASE', digitalResult({ code }))).toEqual([]);
    expect(findUsableCodes('FULFILLMENT', benefitResult({ code }))).toEqual([]);
  });

  it.each([0, '0', -1, 'much', {}])(
    'of gift cards are not usable with the balance %j',
    (balance) => {
      expect(findUsableCodes('PURCHASE', digitalResult({ balance }))).toEqual(['QUAY-REWARD-13']);
      expect(findUsableCodes('FULFILLMENT', benefitResult({ balance }))).toEqual([]);
    },
  );

  it.each([0, -1, 'much', {}])('of gift cards are not usable with the amount %j', (amount) => {
    expect(findUsableCodes('PURCHASE', digitalResult({ amount }))).toEqual(['QUAY-REWARD-13']);
  });

  it.each([{ reason: 'no stock' }, {}, 'no', false])(
    'are not usable when the approved transaction was rejected: %j',
    (rejection) => {
      expect(findUsableCodes('PURCHASE', { ...digitalResult(), rejection })).toEqual([]);
      expect(findUsableCodes('FULFILLMENT', { ...benefitResult(), rejection })).toEqual([]);
    },
  );

  it('have the kind of what they are for', () => {
    const { results } = requireLoyalty('PURCHASE', transaction('PURCHASE', digitalResult()));
    expect(results).toMatchObject([
      { kind: 'discount', voucherId: 'v_q13', code: 'QUAY-REWARD-13', amount: null },
      { kind: 'gift', voucherId: 'v_q14', code: 'QUAY-GIFT-14', amount: 2_000, balance: 2_000 },
    ]);
    const kinds = [
      ['DISCOUNT_COUPONS', 'discount'],
      ['GIFT_VOUCHERS', 'gift'],
      ['LOYALTY_CARD_POINTS', null],
      [null, null],
    ] as const;
    for (const [type, kind] of kinds) {
      const data = transaction('FULFILLMENT', benefitResult({ digital: { type } }));
      expect(requireLoyalty('FULFILLMENT', data).results).toMatchObject([{ kind, usable: true }]);
    }
  });

  it('are beside points and goods', () => {
    const points = { points: 90, card_definition_id: 'lcdef_q2', card_id: 'lcrd_q2' };
    const purchase = requireLoyalty(
      'PURCHASE',
      transaction('PURCHASE', {
        result: {
          quantity: 3,
          material: { type: 'SKU', sku: { product_id: 'prod_q1', id: 'sku_q1' } },
          digital: { type: 'LOYALTY_CARD_POINTS', loyalty_card_points: points },
        },
      }),
    );
    expect(purchase.results).toMatchObject([
      { kind: 'points', points: 90, cardId: 'lcrd_q2', usable: false, code: null },
      { kind: 'material', productId: 'prod_q1', skuId: 'sku_q1', quantity: 3, usable: false },
    ]);
    const material = { type: 'PRODUCT', product: { id: 'prod_q2' } };
    const benefit = transaction('FULFILLMENT', { result: { details: { material } } });
    expect(requireLoyalty('FULFILLMENT', benefit).results).toMatchObject([
      { kind: 'material', productId: 'prod_q2', skuId: null, quantity: null },
    ]);
  });

  it('are none while the purchase is processed', () => {
    const data = transaction('PURCHASE', { points: null, result: null }, { status: 'PROCESSING' });
    expect(requireLoyalty('PURCHASE', data)).toMatchObject({ points: null, results: [] });
  });
});
