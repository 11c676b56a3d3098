import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyPersistenceLayerError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { classOf } from '../destinations/outcome.ts';
import type { Journal } from '../telemetry/telemetry.ts';
import { type Claim, CLAIM_KEPT_SECONDS, type ClaimKind } from './claim.ts';
import { ClaimsTable } from './claims-table.ts';
import type { Result } from './result.ts';

/**
 * Runs an attempt under a claim. A claim is completed by `delivered` (or by a claim inside that was
 * found completed) and by nothing else; every other outcome gives it back.
 */
export type UnderClaim = (claim: Claim, attempt: () => Promise<Result>) => Promise<Result>;

/** The claims of one invocation. One that it leaves behind by crashing ends with the invocation's time. */
export type Ledger = (invocation: Context) => UnderClaim;

/**
 * The ledger on a DynamoDB table, by Powertools Idempotency. Two calls a claim: one to take it, one to
 * complete it or to give it back.
 */
export function createLedger(client: DynamoDBClient, tableName: string, journal: Journal): Ledger {
  const layers = eachKind(() => new ClaimsTable(client, tableName));
  return (invocation) => {
    const configs = eachKind(
      (kind) =>
        new IdempotencyConfig({
          expiresAfterSeconds: CLAIM_KEPT_SECONDS[kind],
          lambdaContext: invocation,
        }),
    );
    return async (claim, attempt) => {
      const made: Result[] = [];
      const once = makeIdempotent(
        async (_key: string): Promise<void> => {
          const result = await attempt();
          made.push(result);
          if (!completes(result)) throw new GivenBack();
        },
        { persistenceStore: layers[claim.kind], config: configs[claim.kind] },
      );
      try {
        await once(claim.key);
        return made[0] ?? { kind: 'duplicate' };
      } catch (error) {
        const [result] = made;
        if (result === undefined) return whyNotMade(error);
        if (!(error instanceof GivenBack)) {
          // The outcome stands. A claim left open ends with this invocation's time; if it should
          // have been completed, a repetition would be delivered once more, with the same id.
          const what = `ledger_not_told_of_${result.kind}`;
          journal.trouble({ what, id: claim.key, reason: causeOf(error) });
        }
        return result;
      }
    };
  };
}

function completes(result: Result): boolean {
  return result.kind === 'delivered' || result.kind === 'duplicate';
}

/**
 * Without a claim nothing is sent: the delivery waits, and is lost no more than any other that waits,
 * while the same code mailed twice cannot be taken back.
 */
function whyNotMade(error: unknown): Result {
  if (error instanceof IdempotencyAlreadyInProgressError) return { kind: 'claimed_elsewhere' };
  if (error instanceof IdempotencyPersistenceLayerError) {
    return { kind: 'ledger_unavailable', because: causeOf(error) };
  }
  throw error;
}

/** Powertools wraps the error of DynamoDB, which says more. */
function causeOf(error: unknown): string {
  return classOf(error instanceof IdempotencyPersistenceLayerError ? error.cause : error);
}

function eachKind<Value>(make: (kind: ClaimKind) => Value): {
  readonly [Kind in ClaimKind]: Value;
} {
  return {
    delivery: make('delivery'),
    delivery_by_hash: make('delivery_by_hash'),
    once: make('once'),
  };
}

/** Thrown inside of Powertools, where any returned value would complete the claim. */
class GivenBack extends Error {
  override readonly name = 'GivenBack';
}
