import { request } from 'node:http';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { createLambdaContext } from './lambda-context.ts';

// What a cold process runs. Like Lambda's runtime client, it loads the handler, gets its event from the
// runtime API over node:http, and posts the handler's response. Arguments: the URL of the API and the
// path of the bundle. The response carries the CPU time that the process used until then.

const [api = '', bundle = ''] = process.argv.slice(2);

function call(
  method: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    request(`${api}${path}`, { method, headers }, (response) => resolve(text(response)))
      .on('error', reject)
      .end(body);
  });
}

async function main(): Promise<void> {
  const { handler } = createRequire(bundle)(bundle) as {
    handler: (event: unknown, context: object) => Promise<unknown>;
  };
  const event: unknown = JSON.parse(await call('GET', '/next', ''));
  const response = await handler(event, createLambdaContext());
  const { user, system } = process.cpuUsage();
  const headers = { 'x-cpu-micros': String(user + system) };
  await call('POST', '/response', JSON.stringify(response), headers);
}

main().catch(async (error: unknown) => {
  await call('POST', '/error', error instanceof Error ? String(error.stack) : String(error));
});
