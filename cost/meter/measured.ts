import type { FunctionName } from '../template/facts.ts';

/**
 * What one invocation, or one request, takes, by the name of the unit:
 *
 * - `cpu_ms`: processor time of the handler on one whole core of the reference machine (`Measured.calibration`), which
 *   is no Graviton. Without TLS, since the emulators speak HTTP; with what the simulated PSP does, in the place of a
 *   connector's own request
 * - `wait.<service>`: how often it waits for a service, one after the other: calls in flight together count once.
 *   Services: `dynamodb`, `sqs`, `s3`, `secretsmanager`, `psp`
 * - `psp.timeouts`: how often it waits for a PSP that does not answer, for as long as `psp.timeoutMs` of the mix
 * - `dynamodb.write.<place>`, `dynamodb.read.<place>`: request units; places: `payments`, `payments/status-index`, `control`
 * - `calls.dynamodb.<operation>`: requests; not billed by themselves, they tell how the units come about
 * - `sqs.<operation>`, `s3.<operation>`, `secretsmanager.<operation>`: requests, such as `sqs.SendMessageBatch`
 * - `s3.put_bytes`: bytes of objects as stored
 * - `logs.lines`, `logs.bytes`: what the code itself writes to its log, embedded metrics among it
 * - `response.bytes`: headers and body of the answer to a client
 * - `nat.bytes`: both ways, of calls that go by the NAT (SQS, Secrets Manager; not DynamoDB, S3; the PSP is in the mix)
 *
 * The simulated PSP's own table is not in it: no real deployment has it.
 */
export type Units = Readonly<Record<string, number>>;

/** Units of one invocation with so many records, messages, or open payments; rising. */
export interface Step {
  readonly size: number;
  readonly units: Units;
}

export const REQUEST_KINDS = [
  'create',
  'replay',
  'get',
  'list',
  'capture',
  'cancel',
  'refund',
  'callback',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** What `npm run cost:meter` found, as committed: counts are exact and the same on every run, but `cpu_ms` is not. */
export interface Measured {
  /** SHA-256 of what was run of the mix (`mixHash`). */
  readonly mix: string;
  /** Payments that were run through the handlers. */
  readonly payments: number;
  /** Processor time of the calibration in the same run, in ms; `cpu_ms` stands as if it had taken `reference`. */
  readonly calibration: { readonly measured: number; readonly reference: number };
  /** Means for one request. */
  readonly requests: Readonly<Record<RequestKind, Units>>;
  /** Requests of each kind for one payment, in the mix. */
  readonly requestsPerPayment: Readonly<Record<RequestKind, number>>;
  /** Records for one payment that each reader's filter lets through, and messages that the worker takes. */
  readonly perPayment: { readonly relay: number; readonly audit: number; readonly worker: number };
  readonly relay: readonly Step[];
  readonly worker: readonly Step[];
  readonly audit: readonly Step[];
  /** By the number of open payments that a pass has to look through. */
  readonly sweep: readonly Step[];
  /** One look-up of a key that is not cached. */
  readonly authorizer: Units;
  readonly stored: {
    /** Mean bytes of a settled payment's item, and of its entry in the index, as DynamoDB counts them, overhead apart. */
    readonly itemBytes: number;
    readonly indexBytes: number;
  };
  /** Processor time of loading a bundle, on the reference machine. */
  readonly coldStartMs: Readonly<Record<FunctionName, number>>;
  /** Distinct metrics in the embedded format: names with their dimensions. */
  readonly customMetrics: number;
}
