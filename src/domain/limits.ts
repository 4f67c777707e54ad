/**
 * Every bound of the core, named once, with the reason for its value.
 * Invariant 13: work is bounded; nothing in the core loops, grows or retries without one of these.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Largest amount of one payment, in minor units: below 2^40, so that sums of thousands stay safe integers. */
export const MAX_AMOUNT_MINOR = 999_999_999_999;

/** Operations of one payment, the system's own included; keeps the item far below DynamoDB's 400 KB. */
export const MAX_OPERATIONS = 100;

/** Operations that merchants cannot use up: an expiry's cancel and a reversal must always fit. */
export const SYSTEM_OPERATIONS = 2;

/** History entries of one payment: four for each operation (asked, unknown, dead letter, settled). */
export const MAX_HISTORY = 400;

/** The most entries that an operation needs after the one that added it: unknown, dead letter, settled. */
export const ENTRIES_TO_SETTLE = 3;

/**
 * Entries that only the system may use: an expiry's cancel and a reversal with all that they need, and the dead
 * letter and the resolution of a hold that could not be voided.
 */
export const SYSTEM_ENTRIES = SYSTEM_OPERATIONS * (1 + ENTRIES_TO_SETTLE) + 2;

export const MAX_METADATA_KEYS = 50;
export const MAX_METADATA_KEY_LENGTH = 40;
export const MAX_METADATA_VALUE_LENGTH = 500;
export const MAX_DESCRIPTION_LENGTH = 500;
export const MAX_REASON_LENGTH = 500;
/** Of what a PSP says of a failure the rest is cut off: a whole page of it would not fit into the payment's item. */
export const MAX_FAILURE_MESSAGE_LENGTH = 500;
export const MAX_PAYMENT_METHOD_LENGTH = 255;
export const MAX_RETURN_URL_LENGTH = 2_000;

/**
 * How often a PSP is asked to execute one operation. After the last time it is only looked up, and if the PSP knows
 * nothing of it, it is `failed` with `psp_unavailable`.
 */
export const MAX_ATTEMPTS = 8;

/**
 * The same for a reversal, which gives a customer's money back and is not given up after minutes: the further ones
 * come with the pauses of the look-ups, for as long as an operation may stay unsettled.
 */
export const MAX_REVERSAL_ATTEMPTS = 32;

/** First pause between attempts; doubled each time up to the cap, then jittered over the whole range. */
export const RETRY_BASE_MS = 1_000;
/** Far below the 15 minutes that a queue message can be delayed at most (SQS). */
export const RETRY_CAP_MS = 60_000;

/** Pauses between look-ups of an operation that the PSP has not settled; the last one repeats. */
export const LOOKUP_PAUSES_MS: readonly number[] = [5 * MINUTE_MS, HOUR_MS, DAY_MS];

/** After this long without an answer an operation is a dead letter that a person settles. */
export const UNSETTLED_LIMIT_MS = 7 * DAY_MS;

/** A pending operation is looked for by the sweep only after this: before it, it is merely queued. */
export const PENDING_GRACE_MS = 10 * MINUTE_MS;

/** How long a PSP holds an authorization (card schemes: 7 days is the safe common bound). */
export const AUTHORIZATION_TTL_MS = 7 * DAY_MS;

/** How long a customer may take to complete a challenge. */
export const CHALLENGE_TTL_MS = DAY_MS;

/** Pause before the system tries again to void what has expired and could not be voided. */
export const EXPIRY_RETRY_MS = DAY_MS;
