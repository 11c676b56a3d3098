import { loadDestinations, loadMappings } from '../../project/own-files.ts';
import { type PreviewedRequest, previewDelivery } from '../../testing/preview-delivery.ts';
import { InvalidWebhookError, readRecord } from '../../testing/read-record.ts';
import { StartError } from '../emulator/start-error.ts';
import { parseArguments } from './arguments.ts';
import { PROJECT_FOLDER } from './paths.ts';
import { runCli, UsageError } from './run-cli.ts';

const USAGE = `Usage: npm run preview -- DESTINATION FILE [--mapping NAME]
  Shows what a destination would send for a webhook. Nothing leaves this machine.
  DESTINATION  a destination in functions/destinations.ts
  FILE         an event in events/, or the body of a webhook
  --mapping    the mapping in functions/mappings.ts to read the body with`;

await runCli(async (print) => {
  const { values, positionals } = parseArguments(
    { allowPositionals: true, options: { mapping: { type: 'string' } } },
    USAGE,
  );
  const [name, file, ...others] = positionals;
  if (name === undefined || file === undefined || others.length > 0) {
    throw new UsageError(`Give a destination and a file.\n${USAGE}`);
  }
  const declarations = await loadDestinations(PROJECT_FOLDER);
  const declaration = declarations.find((each) => each.name === name);
  if (declaration === undefined) {
    const names = declarations.map((each) => each.name).join(', ') || 'none';
    throw new UsageError(`functions/destinations.ts has no destination ${name}; it has: ${names}.`);
  }
  const record = await readRecord(file, {
    mappings: await loadMappings(PROJECT_FOLDER),
    ...(values.mapping === undefined ? {} : { mapping: values.mapping }),
  }).catch((error: unknown) => {
    throw error instanceof InvalidWebhookError ? new StartError(error.message) : error;
  });
  const { isAccepted, problem, requests } = await previewDelivery(declaration, record);
  if (!isAccepted) {
    print(`${name} does not accept this record (purpose ${record.data.purpose}): nothing is sent.`);
    return 0;
  }
  for (const request of requests) print(formatRequest(request));
  if (problem === null) return 0;
  print(`Nothing can be sent; the delivery would become a dead letter: ${problem}`);
  return 1;
});

function formatRequest({ method, url, headers, body, json }: PreviewedRequest): string {
  const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}`);
  const text = json === undefined ? body : JSON.stringify(json, null, 2);
  return [`${method} ${url}`, ...lines, '', text].join('\n');
}
