import type { RelayRecord } from '../record/record.ts';
import { outcomeOfAwsError } from './aws-error.ts';
import { cloudEvent } from './cloud-event.ts';
import { type Destination, type DestinationRules, withDefaults } from './destination.ts';
import type { Cannot, Content } from './http-request.ts';
import { delivered, type Outcome, rejected } from './outcome.ts';

/** What can be said of every destination that is an AWS service. */
export interface AwsDestinationRules extends DestinationRules {
  /** What to send; the whole record by default. */
  readonly request?: (record: RelayRecord) => Content | Cannot;
}

/** One call to the service. Resolves to an outcome when the answer holds a failure of its own. */
type Send = (
  record: RelayRecord,
  text: string,
  abortSignal: AbortSignal,
) => Promise<Outcome | null>;

/** What the destinations of the kinds `sqs`, `sns` and `eventbridge` have in common. */
export function awsDestination(rules: AwsDestinationRules, send: Send): Destination {
  const request = rules.request ?? cloudEvent;
  return {
    ...withDefaults(rules),
    whenUncertain: 'retry',
    async deliver(record, { signal }) {
      const content = request(record);
      if ('cannot' in content) return rejected('cannot', { detail: content.cannot });
      try {
        return (await send(record, content.text, signal)) ?? delivered(null);
      } catch (error) {
        return outcomeOfAwsError(error, signal);
      }
    },
  };
}
