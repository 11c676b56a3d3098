import { defineDestinations } from 'voucher-relay';
import { consumers } from './destinations/consumers.ts';
import { http } from './destinations/http.ts';

/**
 * Your downstream systems: one file in functions/destinations/ and one line here for each. You may edit
 * this file and those; a new release never changes them. Import from 'voucher-relay' only:
 * docs/destinations.md describes what it offers, with worked examples.
 *
 * Everything else comes from the declaration: the queue, the permissions, the environment variables, the
 * alarms and the mock receiver on your machine. So serverless.yml stays as it is.
 */
export const destinations = defineDestinations([consumers, http]);
