import { describe, expect, it } from 'vitest';
import {
  collectPersonalValues,
  maskJson,
} from '../../../../lib/local/console/presentation/mask.ts';
import { requireRecord } from '../../../normalise/to-record-result.ts';
import type { Json } from '../../../support/payloads.ts';
import {
  benefitResult,
  card,
  digitalResult,
  fromWorkflow,
  inTrigger,
  member,
  program,
  transaction,
} from '../../../support/workflow-payloads.ts';

/** The body and the record of a webhook, as the console shows them. */
function mask(body: Json): string {
  const texts = [JSON.stringify(body), JSON.stringify(requireRecord(body))];
  const maskOptions = {
    personalValues: collectPersonalValues(texts).pattern,
    maskAllText: false,
  };
  return texts.map((text) => maskJson(text, maskOptions)).join('\n');
}

const REASON = 'For QUAY-REWARD-13';

describe('the webhook of a workflow in the console', () => {
  it.each<[string, string, Json, readonly string[]]>([
    [
      'a reward',
      'PURCHASE',
      transaction('PURCHASE', { ...digitalResult(), reason: REASON }),
      ['QUAY-REWARD-13', 'QUAY-GIFT-14'],
    ],
    [
      'a refund',
      'REFUND',
      transaction('REFUND', digitalResult({ result: 'DELETED' })),
      ['QUAY-REWARD-13'],
    ],
    ['a benefit', 'FULFILLMENT', transaction('FULFILLMENT', benefitResult()), ['QUAY-BENEFIT-16']],
    [
      'a card',
      'vl.card.assigned',
      { card: card(), member_card: { card: card({ code: 'QUAY-CARD-0072' }) }, program: program() },
      ['QUAY-CARD-0071', 'QUAY-CARD-0072'],
    ],
    [
      'a member',
      'vl.member.updated',
      { member: member({ metadata: { nick: 'Mara', car: 'blue' } }), program: program() },
      ['Mara', 'blue'],
    ],
  ])('hides what is secret in %s', (_, event, data, secrets) => {
    for (const shape of [data, inTrigger(event, data)]) {
      const shown = mask(fromWorkflow(event, shape));
      for (const secret of secrets) expect(shown).not.toContain(secret);
    }
  });

  it('shows types, statuses, ids and the name of the program', () => {
    const shown = mask(fromWorkflow('vl.member.updated', { member: member(), program: program() }));
    for (const text of ['vl.member.updated', 'ACTIVE', 'lmbr_q9', 'cust_mara1', 'Quay club']) {
      expect(shown).toContain(text);
    }
  });
});
