import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyPersistenceLayerError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { errorName } from '../destinations/outcome.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type IdempotencyKey, RETENTION_SECONDS, type KeyKind } from './claim.ts';
import { ClaimsTable } from './claims-table.ts';
import type { DeliveryResult } from './delivery.ts';

/**
 * Runs an attempt under a claim. A claim is completed by `delivered` (or by a claim inside that was
 * found completed) and by nothing else; every other outcome gives it back.
 */
export type RunOnce = (
  claim: IdempotencyKey,
  attempt: () => Promise<DeliveryResult>,
) => Promise<DeliveryResult>;

/** The claims of one invocation. One that it leaves behind by crashing ends with the invocation's time. */
export type IdempotencyStore = (invocation: Context) => RunOnce;

/**
 * The ledger on a DynamoDB table, by Powertools Idempotency. Two calls a claim: one to take it, one to
 * complete it or to give it back.
 */
export function createIdempotencyStore(
  client: DynamoDBClient,
  tableName: string,
  journal: Telemetry,
): IdempotencyStore {
  const layers = eachKind(() => new ClaimsTable(client, tableName));
  return (invocation) => {
    const configs = eachKind(
      (kind) =>
        new IdempotencyConfig({
          expiresAfterSeconds: RETENTION_SECONDS[kind],
          lambdaContext: invocation,
        }),
    );
    return async (claim, attempt) => {
      const made: DeliveryResult[] = [];
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
          const code = 'idempotency_write_failed';
          journal.error({ code, id: claim.key, outcome: result.kind, cause: causeOf(error) });
        }
        return result;
      }
    };
  };
}

function completes(result: DeliveryResult): boolean {
  return result.kind === 'delivered' || result.kind === 'duplicate';
}

/**
 * Without a claim nothing is sent: the delivery waits, and is lost no more than any other that waits,
 * while the same code mailed twice cannot be taken back.
 */
function whyNotMade(error: unknown): DeliveryResult {
  if (error instanceof IdempotencyAlreadyInProgressError) return { kind: 'in_progress' };
  if (error instanceof IdempotencyPersistenceLayerError) {
    return { kind: 'idempotency_unavailable', cause: causeOf(error) };
  }
  throw error;
}

/** Powertools wraps the error of DynamoDB, which says more. */
function causeOf(error: unknown): string {
  return errorName(error instanceof IdempotencyPersistenceLayerError ? error.cause : error);
}

function eachKind<Value>(make: (kind: KeyKind) => Value): {
  readonly [Kind in KeyKind]: Value;
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
