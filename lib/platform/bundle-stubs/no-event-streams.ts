/**
 * Takes the place of the AWS SDK's event streams in a bundle (serverless.yml, custom.esbuild.alias).
 * None of the services here has an operation that streams events; and because the SDK imports them
 * when they are first needed, esbuild would keep all that they touch.
 */
export function EventStreamSerde(): never {
  throw new Error('Event streams are left out of this bundle: custom.esbuild.alias');
}
