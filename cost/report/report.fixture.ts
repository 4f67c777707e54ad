import type { UnknownResource } from '../bill/usage.ts';
import { someFacts, someMeasured, someMix } from '../model/model.fixture.ts';
import { readPriceList } from '../prices/price-list.ts';
import type { TemplateReading } from '../template/facts.ts';
import type { Asked, Sources } from './gather.ts';
import type { CostIo } from './run-cost.ts';
import type { Inputs } from './systems.ts';
import { UnusableError } from './unusable-error.ts';

export function someInputs(given: Partial<Inputs> = {}): Inputs {
  return {
    mix: someMix({ readsPerPayment: 0.2 }),
    measured: someMeasured(),
    list: readPriceList('us-east-1'),
    ...given,
  };
}

/** A NAT gateway as the only thing that is always there, unless the settings say otherwise. */
export function someReading(
  context: Readonly<Record<string, string>> = {},
  unknown: readonly UnknownResource[] = [],
): TemplateReading {
  const gateway = context.nat !== 'instance';
  return {
    facts: someFacts({ nat: gateway ? 'gateway' : 'instance' }),
    fixed: gateway
      ? [
          {
            component: 'network',
            what: 'NAT gateway',
            price: 'nat.hour',
            quantity: 730,
            basis: 'template',
            derivation: 'one',
          },
        ]
      : [],
    unknown,
  };
}

/** Keeps what a command writes. */
export function collected(): CostIo & { texts(): { out: string; err: string } } {
  const texts = { out: '', err: '' };
  return {
    out(text) {
      texts.out += text;
    },
    err(text) {
      texts.err += text;
    },
    texts: () => texts,
  };
}

export interface TestSources extends Sources {
  /** What was asked for by each synthesis, in order. */
  readonly asked: readonly (readonly Asked[])[];
}

/** Without a synthesis; `bad=…` is refused as the stack refuses a setting, and so is `edge=cloudfront` beside `plain=…`. */
export function createTestSources(unknown: readonly UnknownResource[] = []): TestSources {
  const runs: (readonly Asked[])[] = [];
  return {
    asked: runs,
    readInputs(region) {
      if (region !== 'us-east-1') throw new UnusableError(`There are no prices of the region "${region}".`);
      return someInputs();
    },
    async read(asked) {
      runs.push(asked);
      return asked.map(({ context }) => {
        if ('bad' in context) throw new UnusableError('-c bad is not known.');
        if ('plain' in context && context.edge === 'cloudfront') {
          throw new UnusableError('-c plain has no edge.');
        }
        return someReading(context, unknown);
      });
    },
  };
}
