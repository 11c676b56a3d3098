import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { createDestinations, SettingsSchema } from '../../../../functions/destinations.ts';
import { mappings } from '../../../../functions/mappings.ts';
import { tryMapping } from '../../cli/try-mapping.ts';
import { masked } from '../presentation/mask.ts';
import { type FunctionsAnswer, QuestionSchema } from './functions-client.ts';

// A thread of its own for each question: so functions/ is always read as it stands on the disk.

const JsonSchema = v.pipe(v.string(), v.parseJson());
const question = v.parse(QuestionSchema, workerData);

function answer(): FunctionsAnswer {
  if (question.kind === 'facts') {
    const destinations = createDestinations(v.parse(SettingsSchema, process.env));
    return { destinations: destinations.map(({ name }) => name), mappings: [...mappings.keys()] };
  }
  const known = { known: [], strict: false };
  const shown = (value: unknown): unknown =>
    question.reveal ? value : v.parse(JsonSchema, masked(JSON.stringify(value ?? null), known));
  const body = Buffer.from(question.body, 'utf8');
  const reader = { currency: process.env['CURRENCY'] ?? null, mappings };
  return { tried: tryMapping(body, question.mapping, reader, new Date(), shown) };
}

parentPort?.postMessage(answer(), []);
