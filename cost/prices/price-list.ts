import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { HOURS_PER_MONTH } from '../model/stated.ts';
import type { Price, PriceList } from './price.ts';

/** The prices of a region are not there, or their file says something that no price can be. */
export class PriceListError extends Error {
  override readonly name = 'PriceListError';
}

const usd = z.number().nonnegative();

const tiers = z
  .array(z.strictObject({ upTo: z.number().positive().nullable(), usd }))
  .nonempty()
  .refine((all) => all.every(({ upTo }, i) => (upTo === null) === (i === all.length - 1)), {
    error: 'the last tier, and no other, ends at null',
  })
  .refine((all) => all.every(({ upTo }, i) => upTo === null || upTo > (all[i - 1]?.upTo ?? 0)), {
    error: 'each tier ends above the one before',
  });

const read = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$/, { error: 'give a date: 2026-09-06 or 2026-09' });

const text = z.string().trim().nonempty();

const file = z
  .strictObject({
    region: text,
    hoursPerMonth: z.literal(HOURS_PER_MONTH),
    note: z.string(),
    /** Where prices are from, by a short name that each price gives. */
    sources: z.record(z.string(), z.strictObject({ text, read })),
    prices: z.array(
      z.strictObject({
        id: text,
        unit: text,
        per: z.number().positive(),
        tiers,
        freePerMonth: z.number().nonnegative(),
        freeGroup: text.optional(),
        source: text,
        confidence: z.enum(['seen', 'remembered', 'approximate', 'conflicting']),
        note: z.string(),
      }),
    ),
  })
  .superRefine(({ prices, sources }, context) => {
    const problem = (message: string) => context.addIssue({ code: 'custom', message });
    const groups = new Map<string, number>();
    const ids = new Set<string>();
    for (const { id, source, freeGroup, freePerMonth } of prices) {
      if (ids.has(id)) problem(`${id} is there twice`);
      ids.add(id);
      if (!Object.hasOwn(sources, source)) problem(`${id} is from ${source}, which is not among the sources`);
      if (freeGroup === undefined) continue;
      if ((groups.get(freeGroup) ?? freePerMonth) !== freePerMonth) {
        problem(`${id} has another allowance than the others of the group ${freeGroup}`);
      }
      groups.set(freeGroup, freePerMonth);
    }
  });

/** Those that there is a file of. */
export function pricedRegions(folder = import.meta.dirname): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length));
}

/**
 * List prices of a region.
 * @throws PriceListError for a region without a file, and for a file that cannot be used
 */
export function readPriceList(region: string, folder = import.meta.dirname): PriceList {
  const regions = pricedRegions(folder);
  if (!regions.includes(region)) {
    throw new PriceListError(
      `There are no prices of the region "${region}". There are those of ${regions.join(', ')}. ` +
        `To add a region, copy cost/prices/${regions[0]}.json to cost/prices/${region}.json, and put its own ` +
        'prices there, each with source and date.',
    );
  }
  return parsePriceList(readFileSync(join(folder, `${region}.json`), 'utf8'), region);
}

/** @throws PriceListError that names every fault */
export function parsePriceList(json: string, region: string): PriceList {
  const parsed = file.safeParse(fromJson(json, region));
  if (!parsed.success) {
    throw new PriceListError(`The prices of ${region} cannot be used:\n${z.prettifyError(parsed.error)}`);
  }
  const { sources, prices, hoursPerMonth } = parsed.data;
  if (parsed.data.region !== region) {
    throw new PriceListError(
      `The file of the prices of ${region} says that they are of ${parsed.data.region}.`,
    );
  }
  return {
    region,
    hoursPerMonth,
    prices: new Map(prices.map((price) => [price.id, withSource(price, sources[price.source] as Source)])),
  };
}

function fromJson(json: string, region: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new PriceListError(`The prices of ${region} are not JSON: ${(error as SyntaxError).message}`);
  }
}

interface Source {
  readonly text: string;
  readonly read: string;
}

function withSource(price: z.output<typeof file>['prices'][number], source: Source): Price {
  const { freeGroup, ...others } = price;
  return { ...others, ...(freeGroup !== undefined && { freeGroup }), source: source.text, read: source.read };
}
