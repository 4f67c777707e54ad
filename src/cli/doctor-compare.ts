import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { scanPayments } from '../adapters/sqlite/sqlite-payment-scan.ts';
import { createTemporaryNotes } from '../adapters/sqlite/temporary-notes.ts';
import { type Comparison, createComparePsp } from '../app/compare-psp.ts';
import type { Holding } from '../app/holdings.ts';
import { formatMoney } from '../domain/money.ts';
import { FILES } from '../wiring.ts';
import { CommandError } from './exit.ts';
import type { Opened } from './open-folder.ts';
import { withSimulator } from './simulator.ts';
import { table } from './table.ts';

/** Sums that are equal are of little interest beyond these. */
const MAX_SUMS_SHOWN = 50;
const MAX_UNSETTLED_SHOWN = 10;

/** @throws CommandError if the PSP's own records are not there */
export async function compare(folder: Opened): Promise<Comparison> {
  const path = join(folder.folder, FILES.simulator);
  if (!existsSync(path)) {
    throw new CommandError(
      'fault',
      `The simulator's memory ${path} is not there, so there is nothing to compare with.`,
    );
  }
  const seen = createTemporaryNotes();
  try {
    return await withSimulator(folder, (psp) => {
      const { store, clock, database } = folder;
      return createComparePsp({ psp, get: store.get, payments: () => scanPayments(database), seen, clock })();
    });
  } finally {
    seen.close();
  }
}

export function isEqual({ differenceCount, holdings }: Comparison): boolean {
  return differenceCount === 0 && holdings.every(({ ours, psp }) => ours === psp);
}

/** Sums as text: they may be beyond what readers of JSON take for a number. */
export function comparisonJson(comparison: Comparison) {
  const { psp, operations, payments, differences, differenceCount, unsettled, unsettledCount, holdings } =
    comparison;
  return {
    equal: isEqual(comparison),
    psp,
    operations,
    payments,
    difference_count: differenceCount,
    differences,
    unsettled_count: unsettledCount,
    unsettled,
    holdings: holdings.map((holding) => ({ ...holding, ours: `${holding.ours}`, psp: `${holding.psp}` })),
  };
}

export function comparisonText(comparison: Comparison): string {
  const { psp, operations, payments, differenceCount, unsettledCount } = comparison;
  const count = (value: number) => value.toLocaleString('en');
  const parts = [
    `Compared with the PSP "${psp}": ${count(operations)} operations there, ${count(payments)} payments here, ` +
      `${differenceCount === 0 ? 'no differences' : `${count(differenceCount)} DIFFERENCES`}.`,
  ];
  if (unsettledCount > 0) parts.push(unsettledText(comparison));
  if (differenceCount > 0) parts.push(differencesText(comparison));
  if (comparison.holdings.length > 0) parts.push(holdingsText(comparison.holdings));
  return parts.join('\n\n');
}

function unsettledText({ unsettled, unsettledCount }: Comparison): string {
  const named = unsettled
    .slice(0, MAX_UNSETTLED_SHOWN)
    .map(({ merchant_id, payment_id }) => `${merchant_id}/${payment_id}`);
  const more = unsettledCount > named.length ? ` and ${unsettledCount - named.length} more` : '';
  return `Not comparable yet, since an operation is not settled: ${named.join(', ')}${more}.`;
}

function differencesText({ differences, differenceCount }: Comparison): string {
  const rows = table(differences, [
    { title: 'MERCHANT', of: ({ merchant_id }) => merchant_id },
    { title: 'MODE', of: ({ livemode }) => (livemode ? 'live' : 'test') },
    { title: 'PAYMENT', of: ({ payment_id }) => payment_id },
    { title: 'OPERATION', of: ({ operation_id }) => operation_id },
    { title: 'DIFFERENCE', of: ({ problem }) => problem },
  ]);
  const more = differenceCount - differences.length;
  return more > 0 ? `${rows}\nand ${more} more` : rows;
}

function money(amountMinor: bigint, currency: string): string {
  const amount = Number(amountMinor);
  return Number.isSafeInteger(amount)
    ? formatMoney(amount, currency)
    : `${amountMinor} minor units ${currency.toUpperCase()}`;
}

function holdingsText(holdings: readonly Holding[]): string {
  const differing = holdings.filter(({ ours, psp }) => ours !== psp);
  const shown = [...differing, ...holdings.filter((holding) => !differing.includes(holding))].slice(
    0,
    MAX_SUMS_SHOWN,
  );
  const rows = table(shown, [
    { title: 'MERCHANT', of: ({ merchant_id }) => merchant_id },
    { title: 'MODE', of: ({ livemode }) => (livemode ? 'live' : 'test') },
    { title: 'HELD HERE', of: ({ ours, currency }) => money(ours, currency), right: true },
    { title: 'HELD AT THE PSP', of: ({ psp, currency }) => money(psp, currency), right: true },
    { title: '', of: ({ ours, psp }) => (ours === psp ? 'equal' : 'DIFFERENT') },
  ]);
  const more = holdings.length - shown.length;
  return more > 0 ? `${rows}\nand ${more} more` : rows;
}
