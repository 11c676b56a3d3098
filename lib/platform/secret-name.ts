import * as v from 'valibot';

/** The name of a secret in Secrets Manager (API reference of CreateSecret, Name). */
export const SecretNameSchema = v.pipe(
  v.string(),
  v.regex(/^[\w/+=.@-]{1,512}$/, 'is not the name of a secret in Secrets Manager'),
);

/** The ARN of a secret in Secrets Manager. */
export const SecretArnSchema = v.pipe(
  v.string(),
  v.regex(
    /^arn:[\w-]+:secretsmanager:[a-z\d-]+:\d{12}:secret:[\w/+=.@-]+$/,
    'is not the ARN of a secret in Secrets Manager',
  ),
);

/**
 * The name of a parameter of Systems Manager (API reference of PutParameter, Name). Without its leading
 * slash, the ARN in the function's permission would be that of another parameter.
 */
export const ParameterNameSchema = v.pipe(
  v.string(),
  v.regex(
    /^\/[\w./-]{1,1010}$/,
    'is not the name of a parameter of Systems Manager with its leading slash',
  ),
);
