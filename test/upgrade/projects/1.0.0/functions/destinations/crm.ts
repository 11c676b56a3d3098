import { bearer, http, json, redeemableCode, secretsManager, stageParameter } from 'voucher-relay';

/** The merchant's own CRM: every code, with the shop's own key of the customer. */
export const crm = http({
  name: 'crm',
  url: stageParameter('crmUrl'),
  secret: secretsManager('voucher-relay/{stage}/crm'),
  headers: (key) => ({ authorization: bearer(key) }),
  accepts: (record) => redeemableCode(record) !== null,
  deduplicateBy: (record) => record.data.publication?.id ?? null,
  limit: { perSecond: 20, concurrency: 4 },
  request: (record) => ({
    method: 'PUT',
    path: `/customers/${encodeURIComponent(record.data.customer?.sourceId ?? 'unknown')}`,
    body: json({ code: redeemableCode(record), until: record.data.voucher?.expiresAt ?? null }),
  }),
});
