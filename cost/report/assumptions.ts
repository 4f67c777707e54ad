import type { Mix } from '../mix/mix.ts';
import { mapped, refunding, unsureTimes, withMix, withRequests, withUnits } from './changed-inputs.ts';
import type { Inputs } from './systems.ts';

/** What a figure might be instead. */
export interface Alternative {
  readonly name: string;
  change(inputs: Inputs): Inputs;
}

/** A figure that is stated or measured with doubt, and what else it might be. */
export interface Assumption {
  readonly name: string;
  /** How it stands, for a person. */
  stands(inputs: Inputs): string;
  readonly alternatives: readonly Alternative[];
}

export const ASSUMPTIONS: readonly Assumption[] = [
  mixFigure('months that payments are kept', 'keptMonths', [6, 24]),
  {
    name: 'reads for each payment',
    stands: ({ measured }) => shown(measured.requestsPerPayment.get),
    alternatives: [0.1, 1].map((reads) => ({
      name: shown(reads),
      change: (inputs) => ({
        ...withRequests(inputs, { get: reads }),
        mix: { ...inputs.mix, readsPerPayment: reads },
      }),
    })),
  },
  {
    name: 'refunds for each payment',
    stands: ({ measured }) => shown(measured.requestsPerPayment.refund),
    alternatives: [0, 0.1].map((refunds) => ({
      name: shown(refunds),
      change: (inputs) => refunding(inputs, refunds),
    })),
  },
  {
    name: 'share of creates that wait for the outcome (`Prefer: wait`)',
    stands: ({ mix }) => shown(mix.waitShare),
    alternatives: [{ name: '0.1, each 3 s', change: (inputs) => withMix(inputs, { waitShare: 0.1 }) }],
  },
  {
    name: 'time until the PSP answers',
    stands: ({ mix }) => `${mix.psp.latencyMs} ms`,
    alternatives: [150, 1_000].map((latencyMs) => ({
      name: `${latencyMs} ms`,
      change: (inputs) => withMix(inputs, { psp: { ...inputs.mix.psp, latencyMs } }),
    })),
  },
  {
    name: 'bytes of a call of the PSP, both ways',
    stands: ({ mix }) => shown(mix.psp.bytesPerCall),
    alternatives: factors((inputs, factor) => {
      const { psp } = inputs.mix;
      return withMix(inputs, { psp: { ...psp, bytesPerCall: psp.bytesPerCall * factor } });
    }),
  },
  {
    name: 'time until AWS services answer',
    stands: () => 'as in the mix',
    alternatives: factors((inputs, factor) =>
      withMix(inputs, { latencyMs: mapped(inputs.mix.latencyMs, (ms) => ms * factor) }),
    ),
  },
  {
    name: 'processor time of the functions',
    stands: () => 'as measured',
    alternatives: [
      {
        name: '+ 50 %',
        change: (inputs) => {
          const slower = withUnits(inputs, (name, value) => (name === 'cpu_ms' ? value * 1.5 : value));
          const coldStartMs = mapped(slower.measured.coldStartMs, (ms) => ms * 1.5);
          return { ...slower, measured: { ...slower.measured, coldStartMs } };
        },
      },
    ],
  },
  {
    name: 'bytes of a payment',
    stands: ({ measured }) => `${shown(Math.round(measured.stored.itemBytes))}`,
    alternatives: [
      {
        name: 'over 1 KB: 1,500, two write units each',
        change: (inputs) => {
          const heavier = withUnits(inputs, (name, value) =>
            name === 'dynamodb.write.payments' ? value * 2 : value,
          );
          const { stored } = heavier.measured;
          return { ...heavier, measured: { ...heavier.measured, stored: { ...stored, itemBytes: 1_500 } } };
        },
      },
    ],
  },
  {
    name: 'bytes that the functions log',
    stands: () => 'as measured',
    alternatives: factors((inputs, factor) =>
      withUnits(inputs, (name, value) => (name === 'logs.bytes' ? value * factor : value)),
    ),
  },
  mixFigure('share of requests that the firewall blocks', 'blockedShare', [0, 0.1]),
  mixFigure('API keys in use at a time', 'activeKeys', [5, 1_000]),
  mixFigure('hours that an environment of a function lives', 'environmentLifeHours', [0.5, 6]),
  mixFigure('hours between authorization and capture', 'authorizedHours', [6, 168]),
  {
    name: 'prices that nobody has read in the list',
    stands: () => 'as remembered',
    alternatives: factors((inputs, factor) => ({ ...inputs, list: unsureTimes(inputs.list, factor) })),
  },
];

function shown(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}

type NumberOf<T> = { [K in keyof T]-?: T[K] extends number ? K : never }[keyof T];

function mixFigure(name: string, key: NumberOf<Mix>, values: readonly number[]): Assumption {
  return {
    name,
    stands: ({ mix }) => shown(mix[key]),
    alternatives: values.map((value) => ({
      name: shown(value),
      change: (inputs) => withMix(inputs, { [key]: value }),
    })),
  };
}

function factors(change: (inputs: Inputs, factor: number) => Inputs): readonly Alternative[] {
  return [
    { name: 'half', change: (inputs) => change(inputs, 0.5) },
    { name: 'twice', change: (inputs) => change(inputs, 2) },
  ];
}
