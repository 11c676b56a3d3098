import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

/**
 * The claims of one kind in the ledger's table, as Powertools keeps them, but for two things.
 * Powertools hashes its keys; ours are made to be read by an operator. And Powertools gives back
 * whatever stands under a key: a call that was given up and repeated, and that the table carries out
 * late, would take away a claim that somebody else has taken or completed meanwhile.
 */
export class ClaimsTable extends DynamoDBPersistenceLayer {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  /** When the claims that are held here end, in epoch milliseconds: by that the table knows whose one is. */
  readonly #held = new Map<string, number>();

  constructor(client: DynamoDBClient, tableName: string) {
    super({ tableName, awsSdkV3Client: client });
    this.#client = client;
    this.#tableName = tableName;
  }

  protected override getHashedIdempotencyKey(key: unknown): string {
    return String(key);
  }

  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    await super._putRecord(record);
    this.#held.set(record.idempotencyKey, record.inProgressExpiryTimestamp ?? 0);
  }

  protected override async _updateRecord(record: IdempotencyRecord): Promise<void> {
    this.#held.delete(record.idempotencyKey);
    await super._updateRecord(record);
  }

  protected override async _deleteRecord({ idempotencyKey }: IdempotencyRecord): Promise<void> {
    const endsAtMs = this.#held.get(idempotencyKey) ?? 0;
    this.#held.delete(idempotencyKey);
    const command = new DeleteItemCommand({
      TableName: this.#tableName,
      Key: this.getKey(idempotencyKey),
      ConditionExpression: '#status = :held AND in_progress_expiration = :end',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':held': { S: 'INPROGRESS' },
        ':end': { N: String(endsAtMs) },
      },
    });
    try {
      await this.#client.send(command);
    } catch (error) {
      // not ours any more, or given back by an earlier try of this call
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}
