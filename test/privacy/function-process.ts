import { aContext } from '../support/lambda.ts';

// A process of its own with one function in it: whatever it writes, in whatever way, can be seen from
// outside. It is sent events, one after the other, and answers with what became of them.

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

const [, , modulePath = ''] = process.argv;
const { handler } = (await import(modulePath)) as { handler: Handler };

process.on('message', (event) => {
  void handler(event, aContext())
    .catch((error: unknown) => ({ threw: String(error) }))
    .then((result) => process.send?.(result));
});
// kept connections would keep the process
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
