import { resource, sqs } from 'voucher-relay';

/** The queue of this stack for your own SQS consumers. Its URL is an output of the stack. */
export const consumers = sqs({ name: 'consumers', queue: resource('ConsumersQueue') });
