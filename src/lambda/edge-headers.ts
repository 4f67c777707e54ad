/**
 * What CloudFront's function tells the application of a request. Nobody but CloudFront may call the application's URL,
 * and its function takes away whatever a client sends under these names: so they may be believed.
 */
export const EDGE_HEADERS = {
  /** The client's own `Authorization`, in the place of which CloudFront writes its signature. */
  authorization: 'x-tollgate-authorization',
  /** The client's address. */
  address: 'x-tollgate-address',
  /** The host that the client asked for. */
  host: 'x-tollgate-host',
  /** Names of the headers that were sent more than once, with commas between them: their values arrive joined. */
  repeated: 'x-tollgate-repeated',
} as const;

/** What all of them begin with, and no header of a client may. */
export const EDGE_PREFIX = 'x-tollgate-';

/** By which a client vouches for its body, since CloudFront signs requests and sees no body when it does. */
export const CONTENT_HASH = 'x-amz-content-sha256';

/** SHA-256 in hexadecimal. */
export const HASH = /^[0-9a-f]{64}$/i;
