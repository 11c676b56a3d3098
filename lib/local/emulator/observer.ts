import type { DeliveredRequest } from './delivered-requests.ts';
import type { AwsCall } from './aws-call-log.ts';
import type { ParsedLogLine } from '../../telemetry/log-lines.ts';
import type { HandlerLine, HandlerRequest, Invocation } from './lambda/invocation.ts';
import type { SentMessage } from './fauxqs-internals.ts';

/** The callbacks of a local pipeline. Each is optional. */
export interface LocalPipelineObserver {
  /** A function wrote a line; `parsed` is its log entry. */
  onLine?(line: HandlerLine, parsed: ParsedLogLine): void;
  /** An invocation of a function has ended. */
  onInvocation?(invocation: Invocation): void;
  /** A function has made a request, and its response is complete. */
  onRequestMade?(request: HandlerRequest): void;
  /** A request or a message reached a destination. */
  onRequestDelivered?(request: DeliveredRequest): void;
  /** A queue has accepted a message, whoever sent it. */
  onMessageSent?(message: SentMessage): void;
  /** A function, or any other client, called an AWS service. */
  onAwsCall?(call: AwsCall): void;
  /** An error, as one sentence for the developer. */
  onError?(text: string): void;
  /** These files of the configuration differ from what they were at the start; none when they are the same again. */
  onConfigurationChange?(changedFiles: readonly string[]): void;
  /** These functions run new code now. */
  onReload?(functionNames: readonly string[]): void;
}
