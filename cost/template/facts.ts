import type { UnknownResource, Usage } from '../bill/usage.ts';

/** The functions by their task, as in `infra/bundles.ts`. */
export type FunctionName = 'api' | 'worker' | 'relay' | 'audit' | 'sweep' | 'authorizer' | 'rotation';

export interface FunctionFacts {
  readonly memoryMb: number;
  readonly architecture: 'arm64' | 'x86_64';
  /** Whether X-Ray is active: then Lambda records some of the invocations that nothing before it has decided on. */
  readonly traced: boolean;
  /** Whether Lambda's own lines for each invocation are written. */
  readonly platformLines: boolean;
  /** Whether it logs more than the meter ran with (`warn`): a line for each request. */
  readonly logsRequests: boolean;
}

export interface SourceFacts {
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly enabled: boolean;
  /** Invocations at once at most; null: as many as the function may have, or one for each shard. */
  readonly maxConcurrency: number | null;
}

/** Capacity of a table and its index that follows what is used. */
export interface ScaledCapacity {
  /** What is used, as a share of what scaling then provides. */
  readonly targetShare: number;
  /** Units a second that are always there. */
  readonly least: Readonly<Record<'table' | 'index', Readonly<Record<'write' | 'read', number>>>>;
}

export interface TableFacts {
  readonly tableClass: 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS';
  readonly billing: 'on-demand' | 'provisioned';
  /**
   * Of provisioned capacity that scales, which the model counts by what is used. Not there: on demand, or what is
   * provisioned stands in the template and is among what is fixed.
   */
  readonly capacity?: ScaledCapacity;
  /** Point-in-time recovery, which is paid by size. */
  readonly restorable: boolean;
}

export type EdgeFacts =
  | {
      readonly kind: 'rest';
      /** Text that is logged for each request, with `$context.…` in it; null: none. */
      readonly accessLogFormat: string | null;
      /** Whether each method has metrics of its own, which are paid for. */
      readonly detailedMetrics: boolean;
      /** Share of requests that X-Ray records. */
      readonly tracedShare: number;
    }
  | {
      readonly kind: 'cloudfront';
      /** Functions at the edge that run for each request. */
      readonly edgeFunctions: number;
      /** Memory of the function of Lambda@Edge that each call-back of a PSP runs through; not there: there is none. */
      readonly callbackLambdaMb?: number;
      /** Whether each request is logged, and where to; null: not. */
      readonly accessLogs: 'logs' | 's3' | null;
    };

/** What the volume model needs to know of a deployment, all of it read in its template. */
export interface DeploymentFacts {
  readonly region: string;
  readonly profile: 'dev' | 'prod';
  readonly edge: EdgeFacts;
  readonly functions: Readonly<Record<FunctionName, FunctionFacts>>;
  readonly relay: SourceFacts;
  readonly audit: SourceFacts;
  readonly worker: SourceFacts;
  readonly sweepEverySeconds: number;
  /** What works beside the function; null: nothing does (least size 0). */
  readonly fleet: {
    readonly instances: number;
    readonly instanceType: string;
    readonly spot: boolean;
  } | null;
  readonly nat: 'gateway' | 'instance';
  readonly payments: TableFacts;
  readonly control: TableFacts;
  /** Full copies of the tables; null: none. */
  readonly backups: {
    readonly perMonth: number;
    readonly keptDays: number;
    /** Days after which a copy goes to cold storage; null: never. */
    readonly coldAfterDays: number | null;
  } | null;
  /** Whether CloudTrail records each access to the audit bucket. */
  readonly auditDataEvents: boolean;
  /** Whether S3 writes an access log of the audit bucket. */
  readonly bucketAccessLogs: boolean;
  /** Days after which audit objects move to a colder class, and the smallest that do; null: never. */
  readonly auditTransition: { readonly afterDays: number; readonly leastBytes: number } | null;
  readonly flowLogs: boolean;
  /** Whether the firewall logs only what it blocks or counts. */
  readonly firewallLogsAll: boolean;
}

export interface TemplateReading {
  readonly facts: DeploymentFacts;
  /** Whatever costs the same each month, however many payments come. */
  readonly fixed: readonly Usage[];
  readonly unknown: readonly UnknownResource[];
}
