import type { Machine } from '../engine/machine.ts';
import type { Random } from '../engine/random.ts';
import type { ClientAnswer, ClientRequest } from '../observe/observation.ts';
import type { Keyring } from './keyring.ts';
import type { Server } from './server.ts';
import type { World } from './world.ts';

/** A request as its sender thinks of it. */
export type Wish = Pick<ClientRequest, 'what' | 'payment_id' | 'fields'> &
  Partial<Pick<ClientRequest, 'key' | 'waitSeconds'>>;

/** A merchant's program, behind a network that loses and repeats. */
export interface Client {
  readonly machine: Machine;
  readonly merchant_id: string;
  /** Asks once; null if no answer came. */
  ask(wish: Wish): Promise<ClientAnswer | null>;
  /** Asks until there is an answer that is not of a fault, or it loses patience. */
  insist(wish: Wish): Promise<ClientAnswer | null>;
}

export interface ClientDeps {
  number: number;
  merchant_id: string;
  servers: readonly Server[];
  keyring: Keyring;
  /** How chaos keeps pace with what happens. */
  onAsk: () => void;
  random: Random;
}

/** No answer after this long is none. */
const PATIENCE_MS = 40_000;
const NETWORK_MS = 30;
/** How often the same request is sent. */
const TRIES = 4;
const RETRY_AFTER_MS = [200, 2_000, 2_000, 60_000];

export function createClient(world: World, deps: ClientDeps): Client {
  const { number, merchant_id, servers, keyring, onAsk, random } = deps;
  const { engine, faults } = world;
  const machine = world.machine(`client-${number}`);
  let lastId = 0;

  function ask(wish: Wish): Promise<ClientAnswer | null> {
    const held = keyring.choose(merchant_id, random);
    const request: ClientRequest = {
      waitSeconds: 0,
      ...wish,
      merchant_id,
      livemode: false,
      apiKeyId: held.keyId,
    };
    lastId += 1;
    const id = number * 1_000_000 + lastId;
    onAsk();
    world.see({ kind: 'asked', client: number, id, request });
    world.count(`asked:${request.what}`);

    return new Promise((resolve) => {
      let isOver = false;
      const over = (answer: ClientAnswer | null) => {
        isOver = true;
        giveUp();
        if (answer) {
          world.count(`answer:${answer.status}`);
          world.see({ kind: 'answered', client: number, id, request, answer });
        }
        resolve(answer);
      };
      const giveUp = machine.after(PATIENCE_MS, `gives up ${id}`, () => {
        over(null);
        return undefined;
      });

      const comeBack = (answer: ClientAnswer): void => {
        if (faults.strikes('answerLost')) return;
        const hear = (): string => {
          if (isOver) return 'too late';
          over(answer);
          return `${answer.status} ${codeOf(answer)}`;
        };
        const wayMs = world.wayMs(NETWORK_MS);
        if (wayMs === 0) engine.note(`hears ${id}`, hear());
        else machine.after(wayMs, `hears ${id}`, hear);
      };
      const send = (afterMs: number): void => {
        const server = random.pick(servers);
        const arrive = (): string => {
          if (server.machine.isUp) {
            server.serve({ request, apiKey: held.text }).then(comeBack, world.fail);
            return `${request.what} ${request.payment_id} by ${merchant_id}`;
          }
          // Nobody listens there, and that is heard at once.
          machine.after(1, `no connection ${id}`, () => {
            if (!isOver) over(null);
            return undefined;
          });
          return 'and is down';
        };
        if (afterMs === 0) engine.note(`${server.machine.name} is asked ${id}`, arrive());
        else engine.plan(afterMs, server.machine.name, `is asked ${id}`, arrive);
      };

      if (!faults.strikes('requestLost')) send(world.wayMs(NETWORK_MS));
      if (faults.strikes('requestRepeated')) send(faults.chance('requestRepeated').between(1, PATIENCE_MS));
    });
  }

  return {
    machine,
    merchant_id,
    ask,
    async insist(wish) {
      for (let tries = 1; ; tries += 1) {
        const answer = await ask(wish);
        const isFault = answer === null || answer.status >= 500 || answer.status === 401;
        if (!isFault || tries >= TRIES) return answer;
        await machine.timers.sleep(random.int(random.pick(RETRY_AFTER_MS)));
      }
    },
  };
}

function codeOf({ body }: ClientAnswer): string {
  const { code, status, payment_id } = body as { code?: string; status?: string; payment_id?: string };
  return [code ?? status, payment_id].filter(Boolean).join(' ');
}
