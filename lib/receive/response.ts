import type { Outcome } from './receive-result.ts';

/** What goes back to the sender through API Gateway (payload format 2.0). */
export interface Answer {
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/**
 * The answer to a webhook. Voucherify counts everything but 2xx as a failure and pauses the whole
 * distribution after a day of them (vendor facts, section 1); so a genuine webhook that was stored,
 * understood or not, is always answered with 202.
 */
export function answerTo(outcome: Outcome): Answer {
  switch (outcome.kind) {
    case 'queued': {
      const { id, data } = outcome.record;
      return accepted({ status: 'queued', id, ...(data.test ? { test: true } : {}) });
    }
    case 'quarantined':
      return accepted({ status: 'quarantined', id: outcome.id, issues: outcome.issues });
    case 'refused':
      // a right signature from a wrong place: there is nothing to authenticate once more
      return outcome.because === 'address'
        ? problem(403, 'Forbidden', "The call does not come from an address of the sender's.")
        : problem(401, 'Unauthorized', SIGNATURE_PROBLEMS[outcome.because]);
    case 'unavailable':
      return problem(
        503,
        'Service Unavailable',
        outcome.because === 'secret'
          ? 'The webhook cannot be verified at the moment. Nothing was stored; send it again.'
          : 'The webhook cannot be stored at the moment. Send it again.',
      );
    case 'too_large':
      return problem(413, 'Content Too Large', 'The webhook is larger than can be stored.');
    case 'failed':
      return problem(500, 'Internal Server Error', 'Nothing was stored; send it again.');
  }
}

const SIGNATURE_PROBLEMS = {
  missing: 'The header x-voucherify-signature is missing.',
  malformed: 'The header x-voucherify-signature is not 64 hexadecimal digits.',
  mismatch: 'The signature does not match the body.',
};

function accepted(body: object): Answer {
  return {
    statusCode: 202,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** A problem document (RFC 9457) of the type `about:blank`, whose title is the status's own phrase. */
function problem(statusCode: number, title: string, detail: string): Answer {
  return {
    statusCode,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({ type: 'about:blank', title, status: statusCode, detail }),
  };
}
