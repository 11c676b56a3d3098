import { resource, sqs } from 'voucher-relay';

/** A queue of the merchant, which serverless.yml declares. */
export const orders = sqs({ name: 'orders', queue: resource('OrdersQueue') });
