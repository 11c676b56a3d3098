export { handler } from 'voucher-relay/functions/operator';
