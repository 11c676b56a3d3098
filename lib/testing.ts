/**
 * The second door: what the tests of a merchant's destinations and mappings import, as
 * `voucher-relay/testing`. It keeps the same promise across releases as lib/sdk.ts. Nothing of it is
 * deployed.
 */
export { previewDelivery } from './testing/preview-delivery.ts';
export type { DeliveryPreview, PreviewedRequest } from './testing/preview-delivery.ts';
export { InvalidWebhookError, readRecord } from './testing/read-record.ts';
export type { ReadOptions } from './testing/read-record.ts';
