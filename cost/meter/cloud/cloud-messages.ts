import type { Round } from './ledger.ts';

/** What the process of the emulators is asked; each is answered once, under the same number. */
export type CloudRequest = { id: number } & (
  | { ask: 'begin' }
  | { ask: 'end' }
  | { ask: 'set-date'; nowMs: number }
  | { ask: 'create-queue' }
);

/** Not answered: it must not cost the process that is measured more than it needs. */
export interface Release {
  release: number;
}

export type CloudAnswer =
  | { ready: CloudPlaces }
  | { id: number; rounds: readonly Round[] }
  | { id: number; queueUrl: string }
  | { id: number };

/** Where the functions find everything, by way of the proxies, and the emulators' own addresses. */
export interface CloudPlaces {
  proxies: { dynamodb: string; sqs: string; s3: string; secretsmanager: string };
  fauxqs: string;
  queueUrl: string;
  dlqUrl: string;
  bucket: string;
  failedEvents: string;
}
