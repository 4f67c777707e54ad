import type { AcceptPayment } from '../../src/app/accept-payment.ts';
import { createAuthenticate, type Principal } from '../../src/app/authenticate.ts';
import type { AwaitOutcome } from '../../src/app/await-outcome.ts';
import type { HandleCallback } from '../../src/app/handle-callback.ts';
import type { ListPayments } from '../../src/app/list-payments.ts';
import type { RequestOperation } from '../../src/app/request-operation.ts';
import type { Payment, PaymentRef } from '../../src/domain/payment.ts';
import { PROBLEMS, type Problem, problem } from '../../src/http/problems.ts';
import type { RequestHead } from '../../src/http/request-head.ts';
import type { Answer, Route } from '../../src/http/route.ts';
import { operationRoutes } from '../../src/http/routes/operations.ts';
import { paymentRoutes } from '../../src/http/routes/payments.ts';
import type { RawCallback } from '../../src/ports/connector.ts';
import { UnavailableError } from '../../src/ports/faults.ts';
import type { KeyStore } from '../../src/ports/key-store.ts';
import type { Machine } from '../engine/machine.ts';
import type { ClientAnswer, ClientRequest } from '../observe/observation.ts';
import type { World } from './world.ts';

/** A request on its way: what it says, and the key that it carries. */
export interface SentRequest {
  request: ClientRequest;
  apiKey: string;
}

/** A machine that takes requests. What it answers never comes if it dies meanwhile. */
export interface Server {
  readonly machine: Machine;
  serve(sent: SentRequest): Promise<ClientAnswer>;
  /** Whether it answered with 2xx. */
  callback(callback: RawCallback): Promise<boolean>;
}

export interface ServerParts {
  accept: AcceptPayment;
  operations: RequestOperation;
  get: (ref: PaymentRef) => Promise<Payment | null>;
  list: ListPayments;
  outcome: AwaitOutcome;
  keys: KeyStore;
  handleCallback: HandleCallback;
}

const OPERATION_IDS: Readonly<Record<ClientRequest['what'], string>> = {
  create: 'createPayment',
  get: 'getPayment',
  history: 'getPaymentHistory',
  list: 'listPayments',
  capture: 'capturePayment',
  cancel: 'cancelPayment',
  refund: 'createRefund',
  refunds: 'listRefunds',
};

/** The service's own routes over these use cases, without the parts of the edge that read bytes. */
export function createService(
  world: World,
  machine: Machine,
  parts: ServerParts,
  /** When a key was revoked or expires, by the truth; null if never. */
  goodUntilMs: (keyId: string) => number | null,
): Pick<Server, 'serve' | 'callback'> {
  const authenticate = createAuthenticate({ keys: parts.keys, clock: machine.clock });
  const routes = new Map<string, Route>(
    [...paymentRoutes(parts), ...operationRoutes(parts)].map((route) => [route.operationId, route]),
  );

  async function letIn({ apiKey }: SentRequest): Promise<Principal | null> {
    const askedMs = world.engine.nowMs();
    const principal = await authenticate(apiKey);
    if (principal) {
      const { key_id: keyId, merchant_id } = principal;
      const until = goodUntilMs(keyId);
      world.see({ kind: 'let_in', keyId, merchant_id, askedMs, goodUntilMs: until });
    }
    return principal;
  }

  async function answer(sent: SentRequest): Promise<Answer> {
    const principal = await letIn(sent);
    if (!principal) return { problem: problem('invalid_key', 'The key is not valid.') };
    const { request } = sent;
    const route = routes.get(OPERATION_IDS[request.what]) as Route;
    return route.handle({
      params: { payment_id: request.payment_id },
      query: request.what === 'list' ? request.fields : {},
      body: request.fields,
      principal,
      idempotencyKey: request.key,
      waitSeconds: request.waitSeconds,
      head: NO_HEAD,
      bytes: NO_BYTES,
    });
  }

  /** As the edge tells of what was thrown; what it would call an internal error must not happen at all. */
  function faultProblem(error: unknown): Problem {
    if (error instanceof UnavailableError) return problem('unavailable', error.message);
    world.fail(error);
    return problem('internal_error', String(error));
  }

  return {
    async serve(sent) {
      try {
        return rendered(await answer(sent));
      } catch (error) {
        return rendered({ problem: faultProblem(error) });
      }
    },

    async callback(callback) {
      try {
        return (await parts.handleCallback('simulator', callback)) === 'taken';
      } catch (error) {
        faultProblem(error);
        return false;
      }
    },
  };
}

const NO_BYTES = Buffer.alloc(0);
const NO_HEAD: RequestHead = {
  remoteAddress: undefined,
  header: () => undefined,
  repeated: () => false,
  body: async () => ({ bytes: NO_BYTES }),
};

function rendered(answer: Answer): ClientAnswer {
  if ('problem' in answer) {
    const { code, detail, payment_id, headers = {} } = answer.problem;
    return { status: PROBLEMS[code][0], body: { code, detail, payment_id }, headers };
  }
  const { status, headers = {} } = answer;
  return { status, body: 'json' in answer ? answer.json : answer.text, headers };
}
