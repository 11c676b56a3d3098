import { klaviyo, redeemableCode, secretsManager } from 'voucher-relay';

/** Creates or updates the customer's profile; a flow of Klaviyo mails the code. */
export const klaviyoProfiles = klaviyo({
  secret: secretsManager('voucher-relay/{stage}/klaviyo'),
  properties: (record) => ({ voucher_code: redeemableCode(record) }),
});
