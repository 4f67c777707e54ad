import type { Answer } from '../http/answer-rules.ts';
import { type Connection, createConnection } from './connection.ts';
import type { Contract } from './contract.ts';
import {
  type Ask,
  bytesOf,
  type Header,
  isScript,
  type Known,
  type Outcome,
  type Request,
  type Script,
} from './exchange.ts';
import type { Generator } from './generate.ts';
import { createJudge } from './judge.ts';
import { playScript } from './play-script.ts';
import type { Tally } from './tally.ts';

/** Signs the body of a call-back as the PSP does. */
export type Sign = (signed: NonNullable<Request['signed']>, body: Buffer) => readonly Header[];

export interface Finding {
  number: number;
  kind: string;
  faults: readonly string[];
  /** What was sent, all of it, one after the other. */
  sent: readonly Buffer[];
}

export interface PlayerDeps {
  url: string;
  contract: Contract;
  generator: Generator;
  sign: Sign;
  tally: Tally;
}

export interface Player {
  /** Sends what the number stands for; null if all is as it must be. */
  play(number: number, connection: Connection): Promise<Finding | null>;
  /** Of one request alone, made from that of a number: for a smaller one that fails alike. */
  ask(act: Ask, connection: Connection): Promise<{ faults: string[]; sent: Buffer[]; answers: Answer[] }>;
  connect(): Connection;
  /** What came over connections when nothing was asked. */
  strays(): readonly string[];
  known: Known;
  /** Numbers of payments that were accepted, with the ids that they were given. */
  accepted(): ReadonlyMap<number, Outcome>;
}

/** Kinds that later numbers build on. */
const KEPT = new Set(['create', 'operate']);

export function createPlayer({ url, contract, generator, sign, tally }: PlayerDeps): Player {
  const judge = createJudge(contract);
  const outcomes = new Map<number, Outcome>();
  const known: Known = { outcomeOf: (number) => outcomes.get(number) };
  const strays: string[] = [];

  function bytesToSend(request: Request): Buffer {
    const { signed, body } = request;
    if (!signed || !body) return bytesOf(request);
    return bytesOf({ ...request, headers: [...request.headers, ...sign(signed, body)] });
  }

  async function ask(act: Ask, connection: Connection) {
    const faults: string[] = [];
    const sent: Buffer[] = [];
    const all: Answer[] = [];
    for (let current: Ask | null = act; current; ) {
      const { requests } = current;
      const bytes = Buffer.concat(requests.map(bytesToSend));
      sent.push(bytes);
      let answers: Answer[];
      try {
        answers = await connection.ask(
          bytes,
          requests.map(({ method }) => method),
        );
      } catch (error) {
        faults.push((error as Error).message);
        break;
      }
      all.push(...answers);
      answers.forEach((answer, place) => {
        const request = requests[place] as Request;
        faults.push(...judge(request, answer));
        tally.documented(contract.name(request.method, request.target, answer));
      });
      faults.push(...current.judge(answers, known));
      current = faults.length === 0 ? (current.next?.(answers) ?? null) : null;
    }
    return { faults, sent, answers: all };
  }

  async function playBytes(script: Script) {
    const { answers, faults: came } = await playScript(url, script);
    const faults = [...came];
    answers.forEach((answer, place) => {
      const target = script.paths?.[place];
      const method = script.methods[place] as string;
      faults.push(...judge(target === undefined ? null : { method, target, merchant: null }, answer));
    });
    faults.push(...script.judge(answers));
    return { faults, sent: script.steps.flatMap(stepBytes), answers };
  }

  return {
    known,
    accepted: () => outcomes,
    strays: () => strays,
    connect: () => createConnection(url, (fault) => strays.push(fault)),
    ask,
    async play(number, connection) {
      const { kind, act } = generator.exchange(number);
      const { faults, sent, answers } = isScript(act) ? await playBytes(act) : await ask(act, connection);
      tally.exchange(kind, isScript(act) ? 1 : act.requests.length, answers);
      const [answer] = answers;
      if (KEPT.has(kind) && answer) {
        const { refund_id, payment_id } = answer.json;
        outcomes.set(number, { status: answer.status, id: String(refund_id ?? payment_id) });
      }
      return faults.length === 0 ? null : { number, kind, faults, sent };
    },
  };
}

function stepBytes(step: Script['steps'][number]): Buffer[] {
  if ('send' in step) return [step.send];
  return 'trickle' in step ? [step.trickle] : [];
}
