import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { loadDestinations, loadMappings } from '../../../project/own-files.ts';
import { createSqsClient } from '../../../platform/sqs.ts';
import { PROJECT_FOLDER } from '../../cli/paths.ts';
import { tryMapping } from '../../cli/try-mapping.ts';
import { describePace } from '../presentation/describe-pace.ts';
import { maskJson } from '../presentation/mask.ts';
import { type FunctionsResult, FunctionsQuerySchema } from './functions-client.ts';

// Each query runs in a new thread, because a module is loaded only once per thread: so the query sees
// the files of functions/ as they are on disk now.

const JsonSchema = v.pipe(v.string(), v.parseJson());
const destinations = await loadDestinations(PROJECT_FOLDER);
const mappings = await loadMappings(PROJECT_FOLDER);
const query = v.parse(FunctionsQuerySchema, workerData);

function runQuery(): FunctionsResult {
  if (query.kind === 'names') {
    const runtime = { environment: process.env, sqs: createSqsClient() };
    return {
      destinations: destinations
        .filter((declaration) => declaration.create(runtime) !== null)
        .map(({ name, id, kind, limit, batch }) => ({
          name,
          id,
          kind,
          pace: describePace(limit, batch),
        })),
      mappings: [...mappings.keys()],
    };
  }
  const maskOptions = { personalValues: null, maskAllText: false };
  const mask = (value: unknown): unknown =>
    query.reveal
      ? value
      : v.parse(JsonSchema, maskJson(JSON.stringify(value ?? null), maskOptions));
  const body = Buffer.from(query.body, 'utf8');
  const normaliseOptions = { currency: process.env['CURRENCY'] ?? null, mappings };
  return { preview: tryMapping(body, query.mapping, normaliseOptions, new Date(), mask) };
}

parentPort?.postMessage(runQuery(), []);
