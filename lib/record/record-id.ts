const HASH_PREFIX = 'sha_';
const HASH_ID = /^sha_[0-9a-f]{64}$/;

/** The id of a record whose webhook has none: made from the hash of mapping name and body, hex SHA-256. */
export function hashId(bodyHash: string): string {
  return `${HASH_PREFIX}${bodyHash}`;
}

/**
 * Tells a hash id from an envelope's. An envelope's id names one send-out for ever; equal bodies
 * without an envelope may be sent again on purpose, so their ids are to be remembered for less long.
 */
export function isHashId(id: string): boolean {
  return HASH_ID.test(id);
}
