import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod';

const FILE = new URL('mix.json', import.meta.url);

/** Sums of shares are compared as decimals, which doubles are not. */
const TOLERANCE = 1e-9;

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const characters = z.number().int().min(1).max(500);

/** What becomes of a payment. */
export const LIVES = ['completed', 'declined', 'challenged', 'captured', 'canceled', 'unknown'] as const;
export type LifeName = (typeof LIVES)[number];

/**
 * The payments that the bill is worked out for. JSON has no comments, so each entry of `mix.json` is explained here.
 *
 * | entry | meaning |
 * |---|---|
 * | `payments` | in one round of the meter: every share of it must be a whole number of payments |
 * | `lives.completed` | one charge, which succeeds |
 * | `lives.declined` | one charge, which the issuer refuses |
 * | `lives.challenged` | a charge that its customer has to confirm (3-D Secure), and does; the PSP then calls back |
 * | `lives.captured` | authorized first, and captured by a second request |
 * | `lives.canceled` | authorized first, and voided by a second request |
 * | `lives.unknown` | a charge that the PSP does not answer in time; the quick look-up finds that it was executed |
 * | `refundedShare` | of all payments: completed, and then refunded in full by one request |
 * | `replayedShare` | of all payments: the client sends the request for it twice |
 * | `readsPerPayment` | requests for one payment, after it has settled |
 * | `listsPerPayment` | requests for a page of ten payments; the meter runs a few whatever the share is |
 * | `waitShare` | of all payments: asked for with `Prefer: wait`. For the bill: the meter's requests do not wait |
 * | `sizes` | what a client sends: characters of ids, of the description, of each metadata value; bytes of all headers |
 * | `psp.latencyMs` | from asking a PSP to its answer |
 * | `psp.timeoutMs` | after which one that does not answer counts as unknown: the default of PSP_TIMEOUT_MS |
 * | `psp.bytesPerCall` | both ways with the handshake's share, which go through the NAT |
 * | `latencyMs` | of one request to each service, from within its region; the function waits for it, and waiting is billed |
 * | `keptMonths` | for how many months of payments the tables and the audit log are paid |
 * | `authorizedHours` | how long an authorization stays open before it is captured or canceled: the sweep reads open ones |
 * | `activeKeys` | API keys in use in any minute: the gateway asks the authorizer for each once a minute |
 * | `blockedShare` | of all requests, those that the firewall stops; they are paid for too |
 * | `environmentLifeHours` | how long Lambda keeps an execution environment that is in use: then comes a cold start |
 */
const schema = z.strictObject({
  $note: z.string().optional(),
  payments: z.number().int().min(1).max(10_000),
  lives: z.strictObject({
    completed: share,
    declined: share,
    challenged: share,
    captured: share,
    canceled: share,
    unknown: share,
  } satisfies Record<LifeName, z.ZodType>),
  refundedShare: share,
  replayedShare: share,
  readsPerPayment: z.number().min(0).max(100),
  listsPerPayment: z.number().min(0).max(100),
  waitShare: share,
  sizes: z.strictObject({
    paymentIdCharacters: characters.min(16).max(64),
    descriptionCharacters: characters,
    metadata: z.record(z.string().min(1), characters),
    requestHeaderBytes: z.number().int().min(400).max(8_192),
  }),
  psp: z.strictObject({ latencyMs: positive, timeoutMs: positive, bytesPerCall: positive }),
  latencyMs: z.strictObject({
    dynamodb: positive,
    sqs: positive,
    s3: positive,
    secretsmanager: positive,
  }),
  keptMonths: positive,
  authorizedHours: positive,
  activeKeys: positive,
  blockedShare: share,
  environmentLifeHours: positive,
});

export type Mix = Readonly<z.output<typeof schema>>;

/** A mix that cannot be run; its message says what was received and what to give. */
export class MixError extends Error {
  override readonly name = 'MixError';
}

/** @throws MixError that names every problem */
export function parseMix(given: unknown): Mix {
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw new MixError(
      parsed.error.issues
        .map(({ path, message }) => `${path.join('.') || 'the mix'}: ${message}.`)
        .join('\n'),
    );
  }
  const problems = problemsOf(parsed.data);
  if (problems.length > 0) throw new MixError(problems.join('\n'));
  return parsed.data;
}

function problemsOf(mix: Mix): string[] {
  const sum = LIVES.reduce((total, life) => total + mix.lives[life], 0);
  const whole = {
    ...Object.fromEntries(LIVES.map((life) => [`lives.${life}`, mix.lives[life]])),
    refundedShare: mix.refundedShare,
    replayedShare: mix.replayedShare,
    readsPerPayment: mix.readsPerPayment,
  };
  return [
    ...(Math.abs(sum - 1) > TOLERANCE
      ? [`lives: the shares add up to ${Number(sum.toFixed(9))}; make them add up to 1.`]
      : []),
    ...Object.entries(whole)
      .filter(([, value]) => Math.abs(value * mix.payments - Math.round(value * mix.payments)) > TOLERANCE)
      .map(
        ([name, value]) =>
          `${name}: ${value} of ${mix.payments} payments is ${Number((value * mix.payments).toFixed(9))}; ` +
          'give a share, or a number of payments, with which it is a whole number.',
      ),
    ...(mix.refundedShare > mix.lives.completed
      ? [
          `refundedShare: ${mix.refundedShare} is more than the ${mix.lives.completed} that are completed; give less.`,
        ]
      : []),
  ];
}

/** How many of a round's payments a share is. */
export function countOf(mix: Mix, ofPayments: number): number {
  return Math.round(ofPayments * mix.payments);
}

/** @throws MixError if the file does not hold a mix that can be run */
export function readMix(): Mix {
  const text = readFileSync(FILE, 'utf8');
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new MixError(`mix.json is not JSON: ${String(cause)}`, { cause });
  }
  return parseMix(given);
}

/** What the bill is worked out with, and the meter does not look at: it may change without metering again. */
const OF_THE_BILL = [
  '$note',
  'waitShare',
  'keptMonths',
  'authorizedHours',
  'activeKeys',
  'blockedShare',
  'environmentLifeHours',
];

/** SHA-256 of what the meter ran, whatever the order and the spaces in which the mix says it. */
export function mixHash(mix: Mix): string {
  const metered = Object.entries(mix).filter(([name]) => !OF_THE_BILL.includes(name));
  return hash('sha256', JSON.stringify(sorted(Object.fromEntries(metered))), 'hex');
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, sorted(member)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
