import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import * as v from 'valibot';
import { toQueueSettings } from '../../destinations/queue-settings.ts';

// A module is loaded only once per thread, so each reading runs in a new one.

const NumberSchema = v.nullable(v.number());
const ModuleSchema = v.object({
  destinations: v.array(
    v.object({
      name: v.string(),
      id: v.string(),
      kind: v.string(),
      needs: v.array(v.unknown()),
      limit: v.object({
        perSecond: NumberSchema,
        perMinute: NumberSchema,
        concurrency: NumberSchema,
      }),
      batch: v.object({ size: v.number(), windowSeconds: v.number() }),
    }),
  ),
});

const module: unknown = await import(pathToFileURL(v.parse(v.string(), workerData)).href);
const { destinations } = v.parse(ModuleSchema, module);
const generated = destinations.map(({ name, id, kind, needs, limit, batch }) => ({
  name,
  id,
  kind,
  needs,
  queue: toQueueSettings(limit, batch),
}));
parentPort?.postMessage(JSON.stringify(generated), []);
