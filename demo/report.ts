import { formatMoney } from '../src/domain/money.ts';
import type { AuditFindings } from './audit.ts';
import type { Books, Shown } from './books.ts';
import type { Client } from './client.ts';
import { CURRENCIES } from './plan.ts';
import { type Column, percentile, table, whole } from './table.ts';

const STATUSES = ['completed', 'authorized', 'failed', 'canceled'];

/** `1234567, 'usd'` → `12,345.67` */
function money(amountMinor: number, currency: string): string {
  const [number = ''] = formatMoney(amountMinor, currency).split(' ');
  const [units = '', fraction] = number.split('.');
  const grouped = Number(units).toLocaleString('en');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function sums(payments: readonly Shown[], amountOf: (shown: Shown) => number): string[] {
  return CURRENCIES.map((currency) => {
    const of = payments.filter((shown) => shown.currency === currency);
    const sum = of.reduce((total, shown) => total + amountOf(shown), 0);
    return sum === 0 ? '–' : money(sum, currency);
  });
}

export function outcomeTable(books: Books): string {
  const payments = [...books.values()];
  const columns: Column[] = [
    { title: 'outcome' },
    { title: 'payments', align: 'right' },
    ...CURRENCIES.map((currency): Column => ({ title: currency.toUpperCase(), align: 'right' })),
  ];
  const byStatus = STATUSES.map((status) => {
    const of = payments.filter((shown) => shown.status === status);
    return [status, whole(of.length), ...sums(of, ({ amount }) => amount)];
  });
  const captured = payments.filter(({ amount_captured }) => amount_captured > 0);
  const refunded = payments.filter(({ amount_refunded }) => amount_refunded > 0);
  return table(columns, [
    ...byStatus,
    ['all', whole(payments.length), ...sums(payments, ({ amount }) => amount)],
    columns.map(() => ''),
    ['captured', whole(captured.length), ...sums(captured, ({ amount_captured }) => amount_captured)],
    ['refunded', whole(refunded.length), ...sums(refunded, ({ amount_refunded }) => amount_refunded)],
    [
      'net',
      '',
      ...sums(payments, ({ amount_captured, amount_refunded }) => amount_captured - amount_refunded),
    ],
  ]);
}

export function declineTable(books: Books): string {
  const counts = new Map<string, number>();
  for (const { status, failure } of books.values()) {
    if (status !== 'failed' || !failure) continue;
    const row = [failure.code, failure.decline_code ?? '–', failure.advice ?? '–'].join('\t');
    counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  const rows = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([row, count]) => [...row.split('\t'), whole(count)]);
  const columns: Column[] = [
    { title: 'declined with' },
    { title: 'decline code' },
    { title: 'advice' },
    { title: 'payments', align: 'right' },
  ];
  return table(columns, rows);
}

export function latencyTable(client: Client): string {
  const columns: Column[] = [
    { title: 'request' },
    ...['count', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'].map((title): Column => ({ title, align: 'right' })),
  ];
  const rows = [...client.latencies()]
    .sort((a, b) => b[1].length - a[1].length)
    .map(([kind, latencies]) => {
      const sorted = [...latencies].sort((a, b) => a - b);
      const shown = [0.5, 0.95, 0.99, 1].map((share) => percentile(sorted, share).toFixed(1));
      return [kind, whole(sorted.length), ...shown];
    });
  return table(columns, rows);
}

/** What the audit log says, and whether that is as it should be. */
export function auditLine({ verdict, records, due }: AuditFindings): { ok: boolean; text: string } {
  if (!verdict.ok) {
    const { record, where, problem } = verdict;
    return { ok: false, text: `BROKEN at record ${record} (${where}): ${problem}` };
  }
  const { head } = verdict;
  const chain = `whole: ${whole(head.records)} records, each chained to the one before; head ${head.hash.slice(0, 16)}…`;
  if (records === due)
    return { ok: true, text: `${chain}\n  All ${whole(due)} changes of this day are in it once.` };
  return {
    ok: false,
    text: `${chain}\n  But it has ${whole(records)} records of this day, and ${whole(due)} are due.`,
  };
}
