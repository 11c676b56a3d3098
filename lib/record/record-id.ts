const CONTENT_HASH_PREFIX = 'sha_';
const CONTENT_HASH_ID = /^sha_[0-9a-f]{64}$/;

/**
 * Returns the id of a record whose webhook has none.
 * @param contentHash hex SHA-256 of the body without the white space between its tokens
 */
export function toContentHashId(contentHash: string): string {
  return `${CONTENT_HASH_PREFIX}${contentHash}`;
}

/**
 * Says whether an id is a hash of the body. An id from an envelope is the same only for retries of one
 * webhook. Equal bodies without an envelope can be sent again on purpose, so deduplicate by a hash id
 * for a shorter time.
 */
export function isContentHashId(id: string): boolean {
  return CONTENT_HASH_ID.test(id);
}
