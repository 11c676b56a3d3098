import { toAllowedId } from './allowed-id.ts';

/** API reference of SendMessage, MessageGroupId: up to 128 printable ASCII characters, no space. */
const GROUP_ID = /^[!-~]{1,128}$/;

/** What of a record decides about its group. */
export interface GroupedRecord {
  readonly type: string;
  readonly data: { readonly distribution: { readonly id: string | null } | null };
}

/**
 * Returns the group by which SQS shares a queue out fairly: the distribution, else the event (Amazon SQS
 * Developer Guide, "Amazon SQS fair queues"). One welcome code does not wait behind a campaign.
 */
export function toGroupId({ type, data }: GroupedRecord): string {
  return toAllowedId(data.distribution?.id ?? type, GROUP_ID);
}
