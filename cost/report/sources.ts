import { NotMeteredError, readMeasured } from '../meter/read-measured.ts';
import { MixError, mixHash, readMix } from '../mix/mix.ts';
import { PriceListError, readPriceList } from '../prices/price-list.ts';
import { readTemplate } from '../template/read-template.ts';
import { SynthesisError, synthesiseAll } from '../template/synthesise.ts';
import { TemplateError } from '../template/template-error.ts';
import type { Sources } from './gather.ts';
import { UnusableError } from './unusable-error.ts';

/** The mix, what the meter found, the prices and the stack of this checkout. */
export function createSources(): Sources {
  return {
    readInputs(region) {
      try {
        return { ...readMetered(), list: readPriceList(region) };
      } catch (error) {
        throw told(error);
      }
    },
    async read(asked) {
      try {
        const templates = await synthesiseAll(
          // A bill is worked out before there is a connector for real payments.
          asked.map(({ profile, context }) => ({ allowSimulator: 'true', ...context, profile })),
        );
        return asked.map(({ profile, context: { region } }, i) =>
          readTemplate(templates[i], { profile, ...(region !== undefined && { region }) }),
        );
      } catch (error) {
        throw told(error);
      }
    },
  };
}

/** @throws NotMeteredError if the payments of the mix are not those that were metered */
function readMetered() {
  const [mix, measured] = [readMix(), readMeasured()];
  if (mixHash(mix) !== measured.mix) {
    throw new NotMeteredError(
      'cost/mix/mix.json says other payments than those in cost/meter/measured.json. Meter them: npm run cost:meter',
    );
  }
  return { mix, measured };
}

const FOR_WHOEVER_ASKED = [PriceListError, MixError, NotMeteredError, SynthesisError, TemplateError] as const;

/** What is said to whoever asked, and is no fault of ours, as the error that a command prints. */
function told(error: unknown): unknown {
  const isMessage = FOR_WHOEVER_ASKED.some((kind) => error instanceof kind);
  return isMessage ? new UnusableError((error as Error).message, { cause: error }) : error;
}
