import middy from '@middy/core';
import httpErrorHandler from '@middy/http-error-handler';
import httpEventNormalizer from '@middy/http-event-normalizer';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import { handler as receive } from '../../../functions/receive.ts';

// Middy's JSON body parser is left out: it would parse and reject a body before the signature is checked,
// and a genuine webhook that is not JSON must be quarantined.
export const handler = middy(receive)
  .use(httpEventNormalizer({ payloadFormatVersion: 2 }))
  .use(httpHeaderNormalizer())
  .use(httpErrorHandler());
