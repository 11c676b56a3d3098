export { handler } from 'voucher-relay/functions/fan-out';
