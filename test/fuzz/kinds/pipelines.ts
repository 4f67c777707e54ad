import type { Ask, Exchange } from '../exchange.ts';
import { isScript } from '../exchange.ts';
import type { Draw, Kind } from './kind.ts';

/** Several of other kinds sent at once over one connection: answered each as if it were alone, and in their order. */
export function pipelineKind(others: readonly Kind[]): Kind {
  return {
    name: 'pipelined',
    weight: 40,
    make(draw: Draw): Omit<Exchange, 'kind'> {
      const { dice } = draw;
      const parts: { needs: readonly number[]; act: Ask }[] = [];
      const most = dice.chance(0.05) ? 40 : 6;
      for (let n = dice.between(2, most); n > 0; n--) {
        const { needs, act } = dice.oneOf(others).make({ ...draw, suffix: `p${n}` });
        if (!isScript(act)) parts.push({ needs, act });
      }
      return {
        needs: [...new Set(parts.flatMap(({ needs }) => needs))],
        act: {
          requests: parts.flatMap(({ act }) => act.requests),
          judge(answers, known) {
            let from = 0;
            return parts.flatMap(({ act }, place) => {
              const own = answers.slice(from, from + act.requests.length);
              from += act.requests.length;
              return act.judge(own, known).map((fault) => `part ${place + 1} of ${parts.length}: ${fault}`);
            });
          },
        },
      };
    },
  };
}
