import { hash as digest } from 'node:crypto';
import type { AuditEntry, AuditHead } from '../../src/ports/audit-log.ts';
import { demand } from './demand.ts';
import { nameOf, type Tracks } from './track.ts';

/** Invariant 9, with hashing of its own: every change once in meaning, each record bound to the one before. */
export interface AuditCheck {
  /** @param texts the entries as JSON */
  audited(entries: readonly AuditEntry[], texts: readonly string[], head: AuditHead): void;
  /** @param lines the log as it lies there, and its head */
  drained(lines: readonly string[], head: AuditHead): void;
}

interface Record {
  payment_id: string;
  merchant_id: string;
  livemode: boolean;
  version: number;
  at: string;
  kind: string;
  status?: string;
  actor?: string;
  operation?: { id: string; outcome: string; amount?: number };
  amount?: number;
}

const GENESIS = '0'.repeat(64);
const HASH_MEMBER = ',"hash":"';

function sha256(text: string): string {
  return digest('sha256', text, 'hex');
}

export function createAuditCheck(tracks: Tracks): AuditCheck {
  /** Payment and version → what was said of it. */
  const said = new Map<string, string>();
  let head: AuditHead = { records: 0, hash: GENESIS };
  /** The log as it must lie there: what is the same was hashed before. */
  const expected: string[] = [];

  function checkRecord(record: Record): void {
    const name = `${nameOf(record)} v${record.version}`;
    const payment = tracks.known(record)?.versions[record.version - 1];
    const entry = payment?.history[record.version - 1];
    demand(9, entry !== undefined, () => `the audit log tells of ${name}, which is no change that was made`);
    if (!entry || !payment) return;
    const told = [
      record.at,
      record.kind,
      record.status,
      record.actor,
      record.operation?.id,
      record.operation?.outcome,
    ];
    const true_ = [entry.at, entry.kind, entry.status, entry.actor, entry.operation_id, entry.outcome];
    demand(
      9,
      told.join(' ') === true_.join(' '),
      () => `the audit log says of ${name} «${told.join(' ')}», and it was «${true_.join(' ')}»`,
    );
    const amount = record.version === 1 ? record.amount : record.operation?.amount;
    const trueAmount = payment.operations.find(({ id }) => id === entry.operation_id)?.amount;
    demand(
      9,
      amount === trueAmount,
      () => `the audit log says ${amount} of ${name}, and it was ${trueAmount}`,
    );
  }

  function take(record: Record): void {
    // A gap says that a change is not known any more; only a lost stream record may leave one.
    if (record.kind === 'gap') return;
    checkRecord(record);
    said.set(`${nameOf(record)} v${record.version}`, record.kind);
  }

  return {
    audited(entries, texts, now) {
      let { hash } = head;
      for (const [place, entry] of entries.entries()) {
        const text = texts[place] as string;
        hash = sha256(hash + text);
        expected.push(`${text.slice(0, -1)},"hash":"${hash}"}`);
        take(entry as unknown as Record);
      }
      const records = head.records + entries.length;
      demand(
        9,
        now.records === records && now.hash === hash,
        () =>
          `after ${entries.length} entries the head is ${now.records} ${now.hash}, and should be ${records} ${hash}`,
      );
      head = now;
    },

    drained(lines, last) {
      let hash = GENESIS;
      for (const [place, line] of lines.entries()) {
        const end = line.lastIndexOf(HASH_MEMBER);
        const claimed = line.slice(end + HASH_MEMBER.length, -2);
        if (line !== expected[place]) {
          hash = sha256(`${hash}${line.slice(0, end)}}`);
          demand(
            9,
            claimed === hash,
            () => `record ${place + 1} of the audit log does not follow from the one before`,
          );
          take(JSON.parse(line) as Record);
        }
        hash = claimed;
      }
      demand(
        9,
        last.records === lines.length && last.hash === hash,
        () =>
          `the audit log has ${lines.length} records up to ${hash}, and its head says ${last.records} ${last.hash}`,
      );
      for (const track of tracks.all()) {
        for (const { version } of track.versions) {
          demand(
            9,
            said.has(`${track.name} v${version}`),
            () => `${track.name} v${version} is not in the audit log`,
          );
        }
      }
    },
  };
}
