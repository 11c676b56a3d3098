import middy from '@middy/core';
import httpErrorHandler from '@middy/http-error-handler';
import httpEventNormalizer from '@middy/http-event-normalizer';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import { handler as receive } from '../../../functions/receive.ts';

// Middy's parser of JSON bodies is left out: it would parse, and refuse, a body before its signature was
// judged, and a genuine webhook that is no JSON has to be kept.
export const handler = middy(receive)
  .use(httpEventNormalizer({ payloadFormatVersion: 2 }))
  .use(httpHeaderNormalizer())
  .use(httpErrorHandler());
