import type { Ask, Request } from './exchange.ts';
import { isScript } from './exchange.ts';
import { anything } from './expect.ts';
import type { Generator } from './generate.ts';
import type { Finding, Player } from './player.ts';

/** More tries than any request has headers and fields. */
const MOST_TRIES = 60;
/** So much of the first fault tells whether another request fails alike; what follows quotes the answer. */
const SAME_FAULT = 40;

/**
 * The finding with a smaller request that fails alike; the same where there is none, or nothing to take away. What a
 * kind itself expects holds for its own request alone, so that only what holds for every answer is looked at.
 */
export async function shrink(finding: Finding, generator: Generator, player: Player): Promise<Finding> {
  const { act } = generator.exchange(finding.number);
  if (isScript(act) || act.requests.length !== 1 || act.next) return finding;
  const [wanted = ''] = finding.faults;
  let smallest = finding;
  let tries = 0;

  async function failsAlike(candidate: Ask): Promise<boolean> {
    tries++;
    const connection = player.connect();
    const { faults, sent } = await player.ask({ ...candidate, judge: anything }, connection);
    connection.close();
    const alike = faults[0]?.slice(0, SAME_FAULT) === wanted.slice(0, SAME_FAULT);
    if (alike) smallest = { ...finding, faults, sent };
    return alike;
  }

  let request = act.requests[0] as Request;
  for (let smaller = true; smaller && tries < MOST_TRIES; ) {
    smaller = false;
    for (const candidate of smallerThan(request)) {
      if (tries >= MOST_TRIES) break;
      if (!(await failsAlike({ ...act, requests: [candidate] }))) continue;
      request = candidate;
      smaller = true;
      break;
    }
  }
  return smallest;
}

/** Without one header, one field of its body, its query or its chunks. */
function* smallerThan(request: Request): Iterable<Request> {
  const { headers, body, target, chunks } = request;
  if (chunks) {
    const { chunks: _, ...whole } = request;
    yield whole;
  }
  for (const dropped of headers) {
    if (dropped[0] !== 'Host') yield { ...request, headers: headers.filter((header) => header !== dropped) };
  }
  if (target.includes('?')) yield { ...request, target: target.slice(0, target.indexOf('?')) };
  const fields = body && fieldsOf(body);
  if (!fields) return;
  for (const name of Object.keys(fields)) {
    const { [name]: _, ...rest } = fields;
    yield { ...request, body: Buffer.from(JSON.stringify(rest)) };
  }
}

function fieldsOf(body: Buffer): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    return null;
  }
}
