import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { createDestinations, SettingsSchema } from '../../../../functions/destinations.ts';
import { mappings } from '../../../../functions/mappings.ts';
import { tryMapping } from '../../cli/try-mapping.ts';
import { maskJson } from '../presentation/mask.ts';
import { type FunctionsResult, FunctionsQuerySchema } from './functions-client.ts';

// A thread of its own for each question: so functions/ is always read as it stands on the disk.

const JsonSchema = v.pipe(v.string(), v.parseJson());
const query = v.parse(FunctionsQuerySchema, workerData);

function runQuery(): FunctionsResult {
  if (query.kind === 'names') {
    const destinations = createDestinations(v.parse(SettingsSchema, process.env));
    return { destinations: destinations.map(({ name }) => name), mappings: [...mappings.keys()] };
  }
  const maskOptions = { personalValues: [], maskAllText: false };
  const mask = (value: unknown): unknown =>
    query.reveal
      ? value
      : v.parse(JsonSchema, maskJson(JSON.stringify(value ?? null), maskOptions));
  const body = Buffer.from(query.body, 'utf8');
  const normaliseOptions = { currency: process.env['CURRENCY'] ?? null, mappings };
  return { trial: tryMapping(body, query.mapping, normaliseOptions, new Date(), mask) };
}

parentPort?.postMessage(runQuery(), []);
