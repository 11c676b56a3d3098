import { SIGNATURE_HEADER } from '../voucherify/signature.ts';
import type { ReceiveResult, RejectionReason } from './receive-result.ts';

/** The response to Voucherify through API Gateway (payload format 2.0). */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/**
 * Maps a result to the HTTP response. Voucherify counts everything but 2xx as a failure and pauses the
 * whole distribution after a day of failures (vendor facts, section 1). So a genuine webhook that was
 * stored, as a record or in quarantine, always gets a 202.
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
      return rejectionResponse(result.reason);
    case 'unavailable':
      return problemResponse(503, 'Service Unavailable', UNAVAILABLE_DETAILS[result.reason]);
    case 'too_large':
      return problemResponse(413, 'Content Too Large', 'The webhook is too large to be stored.');
    case 'error':
      return problemResponse(500, 'Internal Server Error', 'Nothing was stored; send it again.');
  }
}

function rejectionResponse(reason: RejectionReason): HttpResponse {
  const detail = REJECTION_DETAILS[reason];
  switch (reason) {
    case 'unsupported_front':
      return problemResponse(501, 'Not Implemented', detail);
    case 'unknown_sender_ip':
      // 403, not 401: the signature is valid, so other credentials would not help
      return problemResponse(403, 'Forbidden', detail);
    case 'signature_missing':
    case 'signature_malformed':
    case 'signature_mismatch':
      return problemResponse(401, 'Unauthorized', detail);
  }
}

const REJECTION_DETAILS: { readonly [Reason in RejectionReason]: string } = {
  unsupported_front:
    'The event is not of payload format 2.0. Call this function through an API Gateway HTTP API or a Lambda function URL; no other front is supported.',
  signature_missing: `The header ${SIGNATURE_HEADER} is missing.`,
  signature_malformed: `The header ${SIGNATURE_HEADER} is not 64 hexadecimal digits.`,
  signature_mismatch: 'The signature does not match the body.',
  unknown_sender_ip: "The request does not come from an IP address of Voucherify's.",
};

const UNAVAILABLE_DETAILS = {
  secret_unavailable: 'The webhook cannot be verified now. Nothing was stored; send it again.',
  queue_unavailable: 'The webhook cannot be stored now. Send it again.',
};

function acceptedResponse(body: object): HttpResponse {
  return {
    statusCode: 202,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** A problem document (RFC 9457) of the type `about:blank`, whose title is the phrase of the status. */
function problemResponse(statusCode: number, title: string, detail: string): HttpResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({ type: 'about:blank', title, status: statusCode, detail }),
  };
}
