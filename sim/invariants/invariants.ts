import type { Observation, Observer, Truth } from '../observe/observation.ts';
import { createAnswerCheck } from './check-answers.ts';
import { createAuditCheck } from './check-audit.ts';
import { checkDrained } from './check-drained.ts';
import { createFeedCheck } from './check-feed.ts';
import { createPspCheck } from './check-psp.ts';
import { createQueueCheck } from './check-queue.ts';
import { checkAnswerWords, checkLogLine, checkText } from './check-words.ts';
import { checkWrite } from './check-write.ts';
import { demand } from './demand.ts';
import { createTracks, nameOf } from './track.ts';

/** How long a key may be believed that is good no more: what `createAuthenticate` promises, and a slow key store. */
const BELIEVED_MS = 1_000;

export interface InvariantsDeps {
  truth: Truth;
  runtime: 'memory' | 'sqlite' | 'aws';
}

/**
 * All invariants but 15 (two stores side by side) and 16 (two runs of a seed), checked as things are observed: each
 * event costs what it touches, and what only the end can tell is checked at the end.
 */
export function createInvariants({ truth, runtime }: InvariantsDeps): Observer {
  const tracks = createTracks();
  const psp = createPspCheck(tracks);
  const answers = createAnswerCheck(tracks, truth, runtime === 'aws');
  const feed = createFeedCheck(tracks, runtime === 'aws');
  const audit = createAuditCheck(tracks);
  const queue = createQueueCheck(tracks);

  return {
    see(observation: Observation) {
      switch (observation.kind) {
        case 'written':
          for (const operation_id of checkWrite(
            tracks,
            observation.payment,
            observation.previous,
            truth.nowMs(),
          ))
            queue.moved({ ...observation.payment, operation_id });
          return;
        case 'refused_write': {
          const { payment, stored } = observation;
          const stands = stored?.version ?? 0;
          const words = () => `${nameOf(payment)} v${payment.version} was refused over version ${stands}`;
          return demand(6, payment.version !== stands + 1, words);
        }
        case 'asked':
          return answers.asked(observation.id, observation.request);
        case 'answered':
          checkAnswerWords(observation.request, observation.answer);
          return answers.answered(
            observation.client,
            observation.id,
            observation.request,
            observation.answer,
          );
        case 'psp':
          return psp.see(observation.call, observation.request, observation.answer, truth.nowMs());
        case 'fed':
          return feed.fed(observation.consumer, observation.payments);
        case 'sent':
          checkText('a message of the queue', JSON.stringify(observation.item));
          queue.moved(observation.item);
          return feed.sent(observation.item);
        case 'received':
          return queue.received(observation.item, observation.receiveCount);
        case 'acked':
          return queue.acked(observation.item);
        case 'buried':
          queue.moved(observation.item);
          return checkText('a dead letter', JSON.stringify(observation.item));
        case 'audited': {
          const texts = observation.entries.map((entry) => JSON.stringify(entry));
          for (const text of texts) checkText('an audit record', text);
          return audit.audited(observation.entries, texts, observation.head);
        }
        case 'logged':
          return checkLogLine(observation.line);
        case 'let_in': {
          const { keyId, merchant_id, askedMs, goodUntilMs } = observation;
          const isGood = goodUntilMs === null || askedMs <= goodUntilMs + BELIEVED_MS;
          const words = () =>
            `key ${keyId} of ${merchant_id} was believed at ${askedMs}, good until ${goodUntilMs}`;
          return demand(10, isGood, words);
        }
        case 'drained':
          feed.drained();
          audit.drained(truth.auditLines(), truth.auditHead());
          return checkDrained(tracks, truth);
        case 'resolved':
        case 'calm':
          return;
      }
    },
  };
}
