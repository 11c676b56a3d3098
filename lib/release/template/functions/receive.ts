export { handler } from 'voucher-relay/functions/receive';
