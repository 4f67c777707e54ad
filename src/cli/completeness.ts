import { type AuditCompleteness, isComplete } from '../app/fill-audit.ts';
import { table } from './table.ts';

/** Versions of one payment that are written out; of most that lack any, it is one or two. */
const MAX_VERSIONS_SHOWN = 10;

const PROBLEMS = {
  missing: 'not in the log',
  lost: 'not in the log, and the payment is gone',
  ahead: 'in the log, and not in the payment',
} as const;

export function completenessJson(found: AuditCompleteness) {
  const { records, payments, missing, lost, ahead, waiting, gone, written, findings } = found;
  return {
    complete: isComplete(found),
    records,
    payments,
    missing,
    lost,
    ahead,
    waiting,
    gone,
    written,
    findings,
  };
}

export function completenessText(found: AuditCompleteness): string {
  const { records, payments, missing, lost, ahead, waiting, gone, written, findings } = found;
  const lines = [
    `The audit log ${isComplete(found) ? 'has every change' : 'is NOT complete'}: ` +
      `${count(records)} records, ${count(payments)} payments.`,
  ];
  if (missing > 0)
    lines.push(`${count(missing)} changes are not in the log; the payments' histories tell them.`);
  if (lost > 0)
    lines.push(`${count(lost)} changes are not in the log, and their payments are gone: they are lost.`);
  if (ahead > 0)
    lines.push(
      `${count(ahead)} changes are in the log, and their payments do not have them. Was the table restored?`,
    );
  if (waiting > 0)
    lines.push(`${count(waiting)} changes of the last 24 hours are still to come from the stream.`);
  if (gone > 0) lines.push(`${count(gone)} payments of the log are no longer in the table (hot retention).`);
  if (written > 0) lines.push(`${count(written)} records were written.`);
  return findings.length === 0 ? lines.join('\n') : `${lines.join('\n')}\n\n${findingsText(found)}`;
}

function findingsText({ findings }: AuditCompleteness): string {
  return table(findings, [
    { title: 'MERCHANT', of: ({ merchant_id }) => merchant_id },
    { title: 'MODE', of: ({ livemode }) => (livemode ? 'live' : 'test') },
    { title: 'PAYMENT', of: ({ payment_id }) => payment_id },
    { title: 'VERSIONS', of: ({ versions }) => versionsText(versions) },
    { title: 'PROBLEM', of: ({ problem }) => PROBLEMS[problem] },
  ]);
}

function versionsText(versions: readonly number[]): string {
  const more = versions.length - MAX_VERSIONS_SHOWN;
  return `${versions.slice(0, MAX_VERSIONS_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
