import { defineDestinations } from 'voucher-relay';
import { consumers } from './destinations/consumers.ts';
import { crm } from './destinations/crm.ts';
import { http } from './destinations/http.ts';
import { klaviyoProfiles } from './destinations/klaviyo.ts';
import { orders } from './destinations/orders.ts';

export const destinations = defineDestinations([consumers, http, crm, klaviyoProfiles, orders]);
