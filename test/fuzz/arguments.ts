import { parseArgs } from 'node:util';
import { MAX_NUMBER, MAX_SEED } from './dice.ts';

export const USAGE = `Starts the real server, and sends it what its own openapi.json allows, nearly allows and does not allow at all:
hostile bodies, headers, paths and connections. Every answer must be one that the document promises, none may be a
fault, nothing may hang; in the end the books are compared and the files searched for what must not be there.

  npm run fuzz -- [--requests 20000] [--seed 1]
  npm run fuzz -- --seed 1 --only 4711

  --requests N  how many numbers are played; each stands for one request or a few
  --seed S      the same seed and number always give the same request
  --only N      just that number, and those it builds on
`;

export type FuzzArguments =
  | { seed: number; requests: number; only: number | undefined }
  | { help: true }
  | { problem: string };

export function parseFuzzArguments(args: readonly string[]): FuzzArguments {
  let values: { requests: string; seed: string; only?: string | undefined; help?: boolean | undefined };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        requests: { type: 'string', default: '20000' },
        seed: { type: 'string', default: '1' },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    // What Node says names the option, and is meant for the person who gave it.
    return { problem: (error as Error).message };
  }
  if (values.help) return { help: true };
  const seed = whole('seed', values.seed, 0, MAX_SEED);
  const requests = whole('requests', values.requests, 1, MAX_NUMBER);
  const only = values.only === undefined ? undefined : whole('only', values.only, 0, MAX_NUMBER);
  for (const value of [seed, requests, only]) if (typeof value === 'string') return { problem: value };
  return { seed: seed as number, requests: requests as number, only: only as number | undefined };
}

function whole(name: string, text: string, least: number, most: number): number | string {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  return `--${name} is "${text}": give a whole number from ${least} to ${most}.`;
}
