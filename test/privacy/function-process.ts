import { aContext } from '../support/lambda.ts';

// A process that runs one function, so that a test sees everything that the function writes, in any way.
// It receives events one after the other, and sends back what the function returned or threw.

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

const [, , modulePath = '', timeoutMs = ''] = process.argv;
const { handler } = (await import(modulePath)) as { handler: Handler };

process.on('message', (event) => {
  const endsAtMs = Date.now() + Number(timeoutMs);
  const context = aContext(() => endsAtMs - Date.now());
  void handler(event, context)
    .catch((error: unknown) => ({ threw: String(error) }))
    .then((result) => process.send?.(result));
});
// open connections would keep the process running
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
