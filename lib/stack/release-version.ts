import * as v from 'valibot';

const VersionSchema = v.object({
  Type: v.literal('AWS::Lambda::Version'),
  Properties: v.object({ FunctionName: v.object({ Ref: v.literal('ReceiveLambdaFunction') }) }),
});
const AliasSchema = v.looseObject({ Properties: v.looseObject({ FunctionVersion: v.unknown() }) });
const CheckSchema = v.looseObject({
  Properties: v.looseObject({
    Environment: v.looseObject({ Variables: v.looseObject({ RECEIVE_VERSION: v.unknown() }) }),
  }),
});

/**
 * Points the alias of receive, and the function that checks it first, at the version that is packaged. Its
 * logical id is a hash of code and settings, which is known only now. Without the alias there is nothing
 * to do (lib/stack/releases.yml).
 * @param resources those of the compiled template, by logical id; two are changed
 * @returns what is wrong; null when nothing is
 */
export function releaseVersion(resources: Readonly<Record<string, unknown>>): string | null {
  const { ReceiveAlias: alias, ReleaseCheckLambdaFunction: check } = resources;
  if (alias === undefined) return null;
  const [version] = Object.entries(resources).find(([, each]) => v.is(VersionSchema, each)) ?? [];
  if (version === undefined) {
    return 'With releases: canary, receive needs versions: remove versionFunctions and versionFunction from serverless.yml.';
  }
  if (!v.is(AliasSchema, alias) || !v.is(CheckSchema, check)) {
    return 'With releases: canary, serverless.yml needs the function releaseCheck. Put back what a new project has: the line with lib/stack/releases.yml under `functions`, and the file functions/release-check.ts.';
  }
  alias.Properties.FunctionVersion = { 'Fn::GetAtt': [version, 'Version'] };
  check.Properties.Environment.Variables.RECEIVE_VERSION = { Ref: version };
  return null;
}
