import { ratio, usdIn, volumeName } from './amounts.ts';
import { type Inputs, REFERENCE, REFERENCE_OF_FOUR, type System } from './systems.ts';
import type { TextTable } from './text-table.ts';

/** Volumes of the goals. */
export const TEN_MILLION = 10_000_000;
export const ONE_BILLION = 1_000_000_000;

/** What can be said with `-c key=value`, in production. */
export interface Choice {
  readonly name: string;
  readonly context: Readonly<Record<string, string>>;
  /** Of the reference's total: not more than this share of it, by the volume. */
  readonly goals: Readonly<Record<number, number>>;
}

const LEAN = { nat: 'instance', workers: 'lambda' } as const;

export const CHOICES: readonly Choice[] = [
  { name: 'prod, as it comes', context: {}, goals: { [TEN_MILLION]: 0.7 } },
  { name: 'nat=instance', context: { nat: 'instance' }, goals: {} },
  { name: 'workers=lambda', context: { workers: 'lambda' }, goals: {} },
  { name: 'workers=fleet', context: { workers: 'fleet' }, goals: {} },
  { name: 'edge=cloudfront', context: { edge: 'cloudfront' }, goals: {} },
  { name: 'nat=instance, workers=lambda', context: LEAN, goals: { [TEN_MILLION]: 0.45 } },
  {
    name: 'nat=instance, workers=lambda, edge=cloudfront',
    context: { ...LEAN, edge: 'cloudfront' },
    goals: { [TEN_MILLION]: 1 / 3 },
  },
  {
    name: 'nat=instance, workers=lambda, provisionedPaymentsPerSecond=8',
    context: { ...LEAN, provisionedPaymentsPerSecond: '8' },
    goals: {},
  },
  {
    name: 'nat=instance, workers=lambda, edge=cloudfront, provisionedPaymentsPerSecond=8',
    context: { ...LEAN, edge: 'cloudfront', provisionedPaymentsPerSecond: '8' },
    goals: {},
  },
  {
    name: 'nat=instance, workers=lambda, edge=cloudfront, relayWindowSeconds=5',
    context: { ...LEAN, edge: 'cloudfront', relayWindowSeconds: '5' },
    goals: {},
  },
  {
    name: 'all choices on demand: the last, and tableClass=STANDARD_INFREQUENT_ACCESS',
    context: {
      ...LEAN,
      edge: 'cloudfront',
      relayWindowSeconds: '5',
      tableClass: 'STANDARD_INFREQUENT_ACCESS',
      // No price of provisioned capacity in that class is known.
      provisionedPaymentsPerSecond: 'off',
    },
    goals: { [ONE_BILLION]: 0.5 },
  },
];

export interface Costed {
  readonly choice: Choice;
  readonly system: System;
}

/** What each choice comes to at a volume, beside the reference and the goal. */
export interface ChoiceResult {
  readonly choice: string;
  readonly paymentsPerMonth: number;
  readonly totalUsd: number;
  /** Of the reference, which keeps whole payments. */
  readonly ofReference: number;
  /** Of its code to the letter, which keeps four attributes of a payment. */
  readonly ofReferenceOfFour: number;
  readonly goal: number | null;
}

export function choiceResults(
  costed: readonly Costed[],
  inputs: Inputs,
  paymentsPerMonth: number,
): readonly ChoiceResult[] {
  const reference = REFERENCE.billAt(paymentsPerMonth, inputs).totalUsd;
  const ofFour = REFERENCE_OF_FOUR.billAt(paymentsPerMonth, inputs).totalUsd;
  return costed.map(({ choice, system }) => {
    const { totalUsd } = system.billAt(paymentsPerMonth, inputs);
    return {
      choice: choice.name,
      paymentsPerMonth,
      totalUsd,
      ofReference: totalUsd / reference,
      ofReferenceOfFour: totalUsd / ofFour,
      goal: choice.goals[paymentsPerMonth] ?? null,
    };
  });
}

export function choiceTable(results: readonly ChoiceResult[]): TextTable {
  const usd = usdIn(Math.max(...results.map(({ totalUsd }) => totalUsd)));
  const [first] = results;
  return {
    head: [
      `${first ? volumeName(first.paymentsPerMonth) : 'no'} payments a month`,
      'US dollars',
      'of the reference',
      'of its four attributes',
      'goal',
      '',
    ],
    rows: results.map(({ choice, totalUsd, ofReference, ofReferenceOfFour, goal }) => [
      choice,
      usd(totalUsd),
      ratio(ofReference),
      ratio(ofReferenceOfFour),
      goal === null ? '' : ratio(goal),
      verdict(ofReference, goal),
    ]),
  };
}

function verdict(ofReference: number, goal: number | null): string {
  if (goal === null) return '';
  return ofReference <= goal ? 'met' : 'missed';
}
