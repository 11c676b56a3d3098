import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import {
  snowflake,
  type SnowflakeOptions,
} from '../../../lib/destinations/ready-made/snowflake.ts';
import { SnowflakeStatementSchema } from '../../docs/api-shapes.ts';
import { type Received, respondWith } from '../../support/http-receiver.ts';
import { aCodeFor, SECRET, someCodes, startReadyMade } from '../../support/ready-made.ts';

const declare = (options: Partial<SnowflakeOptions> = {}) =>
  snowflake({
    url: 'https://example-account.snowflakecomputing.com',
    secret: SECRET,
    database: 'SHOP',
    schema: 'PUBLIC',
    warehouse: 'SMALL',
    table: 'voucher_records',
    row: ({ type, data }) => ({ type, voucher: data.voucher?.id ?? null, note: `'?";` }),
    ...options,
  });
const readStatement = ({ body }: Pick<Received, 'body'>) =>
  v.parse(SnowflakeStatementSchema, JSON.parse(body));
const executed = respondWith(200, {}, '{"code":"090001","message":"executed"}');

describe('snowflake', () => {
  it('writes the rows of many records with one statement', async () => {
    const { attemptMany, received } = await startReadyMade(declare(), executed);
    const { request, records } = await attemptMany(someCodes(3));
    expect([request, records]).toMatchObject([{ kind: 'delivered' }, [null, null, null]]);
    expect(received).toMatchObject([
      {
        method: 'POST',
        path: '/hook/api/v2/statements',
        headers: {
          authorization: 'Bearer invented-key',
          'x-snowflake-authorization-token-type': 'PROGRAMMATIC_ACCESS_TOKEN',
          accept: 'application/json',
          'content-type': 'application/json',
          'user-agent': 'voucher-relay',
        },
      },
    ]);
    const [sent] = received.map(readStatement);
    expect(sent).toMatchObject({ database: 'SHOP', schema: 'PUBLIC', warehouse: 'SMALL' });
    expect(sent?.statement).toMatch(/^MERGE INTO voucher_records AS kept\n/);
    expect(JSON.parse(sent?.bindings['1']?.value ?? '')).toEqual(
      [0, 1, 2].map((n) => ({
        id: `whs_${n}`,
        content: {
          type: 'voucherify.manual_distribution_schedule',
          voucher: 'v_Ht5xQm20',
          note: `'?";`,
        },
      })),
    );
  });

  it('has the same statement for any number of rows, without a value in it', async () => {
    const { attemptMany, received } = await startReadyMade(declare(), executed);
    await attemptMany(someCodes(1));
    await attemptMany(someCodes(500));
    const [one, many] = received.map((request) => readStatement(request).statement);
    expect(one).toBe(many);
    expect(one).not.toContain('whs_');
  });

  it.each([
    [undefined, 15],
    [10_000, 7],
    [1_000, 1],
  ])('has a statement cancelled before the timeout of %s ms is over', async (own, seconds) => {
    const options = own === undefined ? {} : { timeoutMs: own };
    const { attempt, received } = await startReadyMade(declare(options), executed);
    await attempt(aCodeFor(1));
    expect(received.map(readStatement)).toMatchObject([{ timeout: seconds }]);
  });

  it('names a role when there is one', async () => {
    const { attempt, received } = await startReadyMade(declare({ role: 'RELAY' }), executed);
    await attempt(aCodeFor(1));
    expect(received.map(readStatement)).toMatchObject([{ role: 'RELAY' }]);
  });

  it.each([
    [202, 'still running', { retryAfterSeconds: 30 }],
    [408, 'cancelled', {}],
    [422, 'failed', {}],
    [429, 'too many requests', { countsAsAttempt: false }],
    [503, 'unavailable', {}],
  ])('tries again after %i, a statement that is %s', async (status, message, more) => {
    const { attemptMany } = await startReadyMade(
      declare(),
      respondWith(status, {}, JSON.stringify({ code: '002003', sqlState: '42S02', message })),
    );
    const { request, records } = await attemptMany(someCodes(2));
    expect([request, records]).toMatchObject([{ kind: 'retry', ...more }, [null, null]]);
  });

  it('gives up no record while the table is missing', async () => {
    const { deliverAll, deadLetters, received } = await startReadyMade(
      declare(),
      respondWith(422, {}, '{"sqlState":"42S02","message":"no such table"}'),
    );
    expect(await deliverAll(someCodes(20))).toHaveLength(20);
    expect(deadLetters).toEqual([]);
    expect(received).toHaveLength(1);
  });

  it('gets every record, whatever it is about', () => {
    const unusable = aCodeFor(1, { voucher: { usable: false, unusableReasons: ['expired'] } });
    expect(declare().accepts(unusable)).toBe(true);
  });
});
