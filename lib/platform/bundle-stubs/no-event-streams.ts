/**
 * Replaces the AWS SDK's event streams in a bundle (serverless.yml, custom.esbuild.alias). No service
 * that the functions call has an operation that streams events. The SDK imports the module dynamically,
 * so without this esbuild would keep all of it.
 */
export function EventStreamSerde(): never {
  throw new Error(
    'Event streams are left out of this bundle: see custom.esbuild.alias in serverless.yml',
  );
}
