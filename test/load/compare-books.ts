import type { Payment } from '../../src/domain/payment.ts';
import type { PspReportLine } from '../../src/ports/connector.ts';
import type { Folder } from '../../src/wiring.ts';
import { withFolder, withReport } from '../crash/folder.ts';
import { createMarks, type Marks } from './marks.ts';
import { paymentNumbered, type Sent } from './traffic.ts';

/** What one merchant sent from one generator. */
export interface Traffic {
  merchant: string;
  sent: Sent;
}

export interface Totals {
  /** Answered with 201. */
  accepted: number;
  completed: number;
  /** Charges in the books of the PSP. */
  charged: number;
  auditRecords: number;
}

interface Known extends Traffic {
  accepted: Marks;
  unanswered: ReadonlySet<number>;
  stored: Marks;
  charged: Marks;
}

type Found = (finding: string) => void;

const PAGE = 1_000;

/**
 * After the load, on a folder that no server serves any more: whatever was accepted is there once, as it was sent, is
 * completed, was charged once, and stands in the audit log with every version; and what was refused is not there.
 * Nothing of it grows with the number of payments but a few bits for each.
 */
export async function compareBooks(path: string, traffic: readonly Traffic[], found: Found): Promise<Totals> {
  const known = traffic.map(
    (one): Known => ({
      ...one,
      accepted: createMarks(one.sent.acceptedBits),
      unanswered: new Set(one.sent.unanswered),
      stored: createMarks(),
      charged: createMarks(),
    }),
  );
  return withFolder(path, async (folder) => {
    const { completed, versions } = await checkStored(folder, known, found);
    const charged = await withReport(folder, (report) => checkCharged(known, report, found));
    const accepted = checkAllThere(known, found);
    const verdict = await folder.auditReader.verify();
    if (!verdict.ok) found(`Audit record ${verdict.record} (${verdict.where}): ${verdict.problem}`);
    const auditRecords = verdict.ok ? verdict.head.records : 0;
    if (verdict.ok && auditRecords !== versions)
      found(`The payments have ${versions} versions, and the audit log ${auditRecords} records`);
    return { accepted, completed, charged, auditRecords };
  });
}

async function checkStored({ store }: Folder, known: readonly Known[], found: Found) {
  let completed = 0;
  let versions = 0;
  for (const merchant_id of new Set(known.map(({ merchant }) => merchant))) {
    let after: Payment | undefined;
    do {
      const page = await store.list({ merchant_id, livemode: false, limit: PAGE, after });
      for (const payment of page) {
        versions += payment.version;
        if (payment.status === 'completed') completed++;
        else found(`${payment.payment_id} is ${payment.status}`);
        checkOne(payment, known, found);
      }
      after = page.length === PAGE ? page.at(-1) : undefined;
    } while (after);
  }
  return { completed, versions };
}

function knownOf(
  { merchant_id, payment_id }: { merchant_id: string; payment_id: string },
  known: readonly Known[],
): { traffic: Known; number: number } | null {
  const traffic = known.find(
    ({ merchant, sent }) => merchant === merchant_id && payment_id.startsWith(sent.prefix),
  );
  return traffic ? { traffic, number: Number(payment_id.slice(traffic.sent.prefix.length)) } : null;
}

function checkOne(payment: Payment, known: readonly Known[], found: Found): void {
  const { payment_id, amount } = payment;
  const owner = knownOf(payment, known);
  if (!owner) {
    found(`${payment_id} was never sent`);
    return;
  }
  const { traffic, number } = owner;
  traffic.stored.add(number);
  const asked = paymentNumbered(traffic.sent.prefix, number);
  if (amount !== asked.amount) found(`${payment_id} was sent with ${asked.amount} and has ${amount}`);
  if (!traffic.accepted.has(number) && !traffic.unanswered.has(number))
    found(`${payment_id} was refused and is there`);
}

async function checkCharged(
  known: readonly Known[],
  report: AsyncIterable<PspReportLine>,
  found: Found,
): Promise<number> {
  let charged = 0;
  for await (const line of report) {
    const { payment_id, kind, outcome, amount } = line;
    const owner = knownOf(line, known);
    if (!owner?.traffic.stored.has(owner.number)) {
      found(`The PSP was asked for ${payment_id}, which we do not have`);
      continue;
    }
    const { traffic, number } = owner;
    if (traffic.charged.has(number)) found(`The PSP was asked twice for ${payment_id}`);
    traffic.charged.add(number);
    const asked = paymentNumbered(traffic.sent.prefix, number);
    if (kind === 'charge' && outcome === 'succeeded' && amount === asked.amount) charged++;
    else found(`The PSP has a ${kind} of ${amount} for ${payment_id}: ${outcome}; sent was ${asked.amount}`);
  }
  return charged;
}

function checkAllThere(known: readonly Known[], found: Found): number {
  let accepted = 0;
  for (const { merchant, sent, accepted: marks, stored, charged } of known) {
    for (let number = 0; number < sent.count; number++) {
      if (marks.has(number)) {
        accepted++;
        if (!stored.has(number)) found(`Accepted and not there: ${merchant} ${sent.prefix}${number}`);
      }
      if (stored.has(number) && !charged.has(number))
        found(`${merchant} ${sent.prefix}${number} is there, and the PSP never heard of it`);
    }
  }
  return accepted;
}
