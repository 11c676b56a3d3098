import type { ReceiveResult } from './receive-result.ts';

/** What goes back to the sender through API Gateway (payload format 2.0). */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/**
 * The answer to a webhook. Voucherify counts everything but 2xx as a failure and pauses the whole
 * distribution after a day of them (vendor facts, section 1); so a genuine webhook that was stored,
 * understood or not, is always answered with 202.
 */
export function toHttpResponse(result: ReceiveResult): HttpResponse {
  switch (result.kind) {
    case 'queued': {
      const { id, data } = result.record;
      return acceptedResponse({ status: 'queued', id, ...(data.test ? { test: true } : {}) });
    }
    case 'quarantined':
      return acceptedResponse({ status: 'quarantined', id: result.id, issues: result.issues });
    case 'rejected':
      // a right signature from a wrong place: there is nothing to authenticate once more
      return result.reason === 'address'
        ? problemResponse(
            403,
            'Forbidden',
            "The call does not come from an address of the sender's.",
          )
        : problemResponse(401, 'Unauthorized', SIGNATURE_PROBLEM_DETAILS[result.reason]);
    case 'unavailable':
      return problemResponse(
        503,
        'Service Unavailable',
        result.reason === 'secret'
          ? 'The webhook cannot be verified at the moment. Nothing was stored; send it again.'
          : 'The webhook cannot be stored at the moment. Send it again.',
      );
    case 'too_large':
      return problemResponse(413, 'Content Too Large', 'The webhook is larger than can be stored.');
    case 'error':
      return problemResponse(500, 'Internal Server Error', 'Nothing was stored; send it again.');
  }
}

const SIGNATURE_PROBLEM_DETAILS = {
  missing: 'The header x-voucherify-signature is missing.',
  malformed: 'The header x-voucherify-signature is not 64 hexadecimal digits.',
  mismatch: 'The signature does not match the body.',
};

function acceptedResponse(body: object): HttpResponse {
  return {
    statusCode: 202,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** A problem document (RFC 9457) of the type `about:blank`, whose title is the status's own phrase. */
function problemResponse(statusCode: number, title: string, detail: string): HttpResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({ type: 'about:blank', title, status: statusCode, detail }),
  };
}
