/**
 * Replaces the AWS SDK's event streams in a bundle (serverless.yml, custom.esbuild.alias). The functions call
 * no operation that streams events: only Lambda has one, InvokeWithResponseStream. The SDK imports the module
 * dynamically, so without this esbuild would keep all of it.
 */
export function EventStreamSerde(): never {
  throw new Error(
    'Event streams are left out of this bundle: see custom.esbuild.alias in serverless.yml',
  );
}

/** Creates what would read and write event streams. */
export const eventStreamSerdeProvider = EventStreamSerde;

/** The settings of a client, which has no event streams. */
export function resolveEventStreamSerdeConfig<Config>(config: Config): Config {
  return config;
}
