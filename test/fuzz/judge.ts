import type { Answer } from '../http/answer-rules.ts';
import { holdsCanary } from './canary.ts';
import type { Contract } from './contract.ts';
import type { Merchant, Request } from './exchange.ts';

/** Judges one answer by what holds for all of them. */
export type Judge = (
  request: Pick<Request, 'method' | 'target' | 'merchant'> | null,
  answer: Answer,
) => string[];

/** Ids of payments begin with their merchant's letter. */
const MARKS: Readonly<Record<Merchant, RegExp>> = { a: /fz-b-[\w-]+/g, b: /fz-a-[\w-]+/g };

/** Request is null for what is none, and for what nobody can tell. */
export function createJudge(contract: Contract): Judge {
  return (request, answer) => {
    const faults: string[] = [];
    const { status, text, headers } = answer;
    if (status >= 500) faults.push(`a fault of the service: ${status} ${text.slice(0, 500)}`);
    try {
      contract.check(request && { method: request.method, path: pathOf(request.target) }, answer);
    } catch (error) {
      faults.push((error as Error).message);
    }
    if (holdsCanary(text) || holdsCanary(JSON.stringify(headers)))
      faults.push(`repeats the card number: ${text}`);
    const merchant = request?.merchant;
    if (merchant) {
      const foreign = text.match(MARKS[merchant])?.find((id) => !request.target.includes(id));
      if (foreign !== undefined) faults.push(`shows ${foreign}, which is another merchant's`);
    }
    return faults;
  };
}

/** The path and the query of a target, which may be absolute (RFC 9112, 3.2.2). */
function pathOf(target: string): string {
  const [, rest] = /^[a-z]+:\/\/[^/]*(\/.*)$/is.exec(target) ?? [];
  return rest ?? target;
}
