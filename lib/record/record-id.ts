const CONTENT_HASH_PREFIX = 'sha_';
const CONTENT_HASH_ID = /^sha_[0-9a-f]{64}$/;

/** The id of a record whose webhook has none: made from the hash of mapping name and body, hex SHA-256. */
export function toContentHashId(bodyHash: string): string {
  return `${CONTENT_HASH_PREFIX}${bodyHash}`;
}

/**
 * Tells a hash id from an envelope's. An envelope's id names one send-out for ever; equal bodies
 * without an envelope may be sent again on purpose, so their ids are to be remembered for less long.
 */
export function isContentHashId(id: string): boolean {
  return CONTENT_HASH_ID.test(id);
}
