import type { ClientAnswer, ClientRequest, Truth } from '../observe/observation.ts';
import { checkLists, type ListCheck } from './check-lists.ts';
import { checkShownPayment, checkShownRefund, type Shown } from './check-shown.ts';
import { demand } from './demand.ts';
import { identityOf } from './request-identity.ts';
import { lastOf, type Track, type Tracks } from './track.ts';

/** Invariants 2, 3, 6 and 10 on what clients ask and are told. */
export interface AnswerCheck {
  asked(id: number, request: ClientRequest): void;
  answered(client: number, id: number, request: ClientRequest, answer: ClientAnswer): void;
}

/** What is known of all requests with one id or key. */
interface Known {
  /** Every body that came with it. */
  asked: Set<string>;
  /** The body that was accepted, and what the first answer to it said that never changes. */
  accepted: { fingerprint: string; constants: string } | null;
}

/** What the answers to one request say in the same words for ever. */
const CONSTANT = [
  'payment_id',
  'refund_id',
  'amount',
  'currency',
  'capture_method',
  'payment_method',
  'created_at',
];

export function createAnswerCheck(
  tracks: Tracks,
  truth: Pick<Truth, 'nowMs'>,
  listsMayLag: boolean,
): AnswerCheck {
  const known = new Map<string, Known>();
  /** Request → the version that was durable when it was asked: a strongly consistent answer is not older. */
  const floors = new Map<number, { version: number; askedMs: number }>();
  const lists: ListCheck = checkLists(tracks, listsMayLag);

  function knownOf(name: string): Known {
    const one = known.get(name) ?? { asked: new Set(), accepted: null };
    known.set(name, one);
    return one;
  }

  function checkAccepted(request: ClientRequest, body: Shown): void {
    const identity = identityOf(request);
    if (!identity) return;
    // A capture or cancel shows the payment, whose amounts are as they are now; the rest stays.
    const constants = CONSTANT.map((field) => body[field]).join(' ');
    for (const name of identity.names) {
      const one = knownOf(name);
      one.accepted ??= { fingerprint: identity.fingerprint, constants };
      const { accepted } = one;
      demand(
        3,
        accepted.fingerprint === identity.fingerprint,
        () => `${name}: ${identity.fingerprint} was accepted, and ${accepted.fingerprint} before it`,
      );
      demand(
        3,
        accepted.constants === constants,
        () => `${name}: answered with ${constants}, and before with ${accepted.constants}`,
      );
    }
  }

  /** 422 only where the same id or key has come with another body. */
  function checkMismatch(request: ClientRequest): void {
    const identity = identityOf(request);
    const other = identity?.names.some((name) => {
      const { asked } = knownOf(name);
      return asked.size > (asked.has(identity.fingerprint) ? 1 : 0);
    });
    demand(
      3,
      other === true,
      () => `${identity?.names.join()}: refused as a mismatch, and asked in one way only`,
    );
  }

  /** What was sent is what was stored: an answer for another body is none for this one. */
  function checkFields(request: ClientRequest, body: Shown): void {
    for (const [field, value] of Object.entries(request.fields)) {
      if (value === null || value === undefined || !(field in body)) continue;
      if (field === 'reason' && request.what === 'cancel') continue;
      if (field === 'amount' && request.what === 'capture') continue;
      const sent = field === 'currency' ? String(value).toLowerCase() : value;
      const isSame = sent === body[field] || JSON.stringify(sent) === JSON.stringify(body[field]);
      demand(
        3,
        isSame,
        () => `${request.what}: ${field} was sent as ${sent}, and answered as ${body[field]}`,
      );
    }
  }

  function checkFresh(id: number, track: Track, version: number): void {
    const floor = floors.get(id)?.version ?? 0;
    demand(
      6,
      version >= floor,
      () => `${track.name}: shown at version ${version}, and ${floor} was durable before it was asked for`,
    );
  }

  function checkCapture(request: ClientRequest, track: Track): void {
    const { amount } = request.fields as { amount?: number | null };
    const capture = lastOf(track)?.operations.findLast(({ kind }) => kind === 'capture');
    demand(2, capture !== undefined, () => `${track.name}: a capture was accepted, and there is none`);
    if (amount == null || !capture) return;
    const has = lastOf(track)?.operations.some((one) => one.kind === 'capture' && one.amount === amount);
    demand(
      4,
      has === true,
      () => `${track.name}: a capture of ${amount} was accepted, and is of ${capture.amount}`,
    );
  }

  function checkRefundAnswer(request: ClientRequest, body: Shown): void {
    const track = tracks.known(request);
    demand(
      2,
      track !== undefined,
      () => `a refund of ${request.payment_id} was shown, and there is no such payment`,
    );
    if (track) checkShownRefund(track, lastOf(track), body);
  }

  function checkSuccess(client: number, id: number, request: ClientRequest, body: Shown): void {
    switch (request.what) {
      case 'list':
        lists.page(client, id, request, body);
        return;
      case 'history': {
        const entries = body.data as readonly Shown[];
        const track = tracks.known(request);
        const isDurable = track !== undefined && entries.length <= track.versions.length;
        demand(2, isDurable, () => `${request.payment_id}: a history of ${entries.length} was shown`);
        if (track) checkFresh(id, track, entries.length);
        return;
      }
      case 'refunds':
        for (const refund of body.data as readonly Shown[]) checkRefundAnswer(request, refund);
        return;
      case 'refund':
        checkRefundAnswer(request, body);
        break;
      default: {
        const track = checkShownPayment(tracks, request, body);
        checkFresh(id, track, Number(body.version));
        if (request.what === 'capture') checkCapture(request, track);
      }
    }
    checkFields(request, body);
    checkAccepted(request, body);
  }

  /** Whoever waited is told the outcome, or has waited for as long as was asked. */
  function checkWaited(id: number, request: ClientRequest, body: Shown): void {
    const waitedMs = truth.nowMs() - (floors.get(id)?.askedMs ?? 0);
    if (waitedMs >= request.waitSeconds * 1_000) return;
    const shown = tracks.known({ ...request, payment_id: String(body.payment_id) })?.versions[
      Number(body.version) - 1
    ];
    const kinds = request.what === 'create' ? ['charge', 'authorize'] : [request.what];
    const outcome =
      request.what === 'refund'
        ? body.status
        : shown?.operations.findLast(({ kind }) => kinds.includes(kind))?.outcome;
    demand(
      6,
      outcome !== 'pending' && outcome !== 'unknown',
      () =>
        `${request.what} of ${body.payment_id}: told ${outcome} after ${waitedMs} of ${request.waitSeconds} s`,
    );
  }

  return {
    asked(id, request) {
      const identity = identityOf(request);
      if (identity) for (const name of identity.names) knownOf(name).asked.add(identity.fingerprint);
      const track = tracks.known(request);
      floors.set(id, { version: track?.versions.length ?? 0, askedMs: truth.nowMs() });
      if (request.what === 'list') lists.asked(id, request);
    },

    answered(client, id, request, answer) {
      const isOk = answer.status >= 200 && answer.status < 300;
      demand(
        2,
        answer.status !== 500,
        () => `${request.what}: answered with 500 ${JSON.stringify(answer.body)}`,
      );
      if (isOk) {
        checkSuccess(client, id, request, answer.body as Shown);
        if ('Preference-Applied' in answer.headers) checkWaited(id, request, answer.body as Shown);
      } else if (answer.status === 422) checkMismatch(request);
      else if (answer.status === 404) checkAbsent(id, request);
      floors.delete(id);
    },
  };

  /** Invariant 2: what is durable is found. */
  function checkAbsent(id: number, request: ClientRequest): void {
    const floor = floors.get(id)?.version ?? 0;
    demand(
      2,
      floor === 0,
      () => `${request.what} of ${request.payment_id}: not found, and version ${floor} is durable`,
    );
  }
}
