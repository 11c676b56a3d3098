export { handler } from 'voucher-relay/functions/release-check';
