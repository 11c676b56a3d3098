import type { DeliveredRequest } from './delivered-requests.ts';
import type { AwsCall } from './aws-call-log.ts';
import type { ParsedLogLine } from '../../telemetry/log-lines.ts';
import type { HandlerLine, Invocation } from './lambda/invocation.ts';
import type { SentMessage } from './sent-messages.ts';
import type { MockExchange } from './mock-destinations.ts';

/** Who wants to know what a pipeline does. Each part may be left out. */
export interface PipelineObserver {
  /** A line that a function wrote, read as its journal. */
  onLine?(line: HandlerLine, parsed: ParsedLogLine): void;
  /** A call of a function that is over. */
  onInvocation?(invocation: Invocation): void;
  /** Something that reached a destination. */
  onRequestDelivered?(request: DeliveredRequest): void;
  /** How an HTTP receiver dealt with a request, when it is over. */
  onMockExchange?(exchange: MockExchange): void;
  /** A message that a queue has taken, whoever sent it. */
  onMessageSent?(message: SentMessage): void;
  /** A call of an AWS service, by a function or by anything else. */
  onAwsCall?(call: AwsCall): void;
  /** Something that an operator should see, in a sentence. */
  onError?(text: string): void;
  /** The functions whose code is another one now. */
  onReload?(functionNames: readonly string[]): void;
}
