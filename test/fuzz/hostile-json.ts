import { MOST_BODY_BYTES } from './body-oracle.ts';
import type { Dice } from './dice.ts';

const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const amount = '{"amount":1000}';

/** Bodies that are hardly, or not, what JSON means: of each a maker, as most are long. */
const HOSTILE: readonly ((dice: Dice) => string | Buffer)[] = [
  () => '',
  () => ' ',
  () => 'null',
  () => 'true',
  () => '0',
  () => '"x"',
  () => '[]',
  () => `[${amount}]`,
  () => '{}',
  () => '{',
  () => '}',
  () => '{"amount":1000',
  () => '{"amount":1000,}',
  () => "{'amount':1000}",
  () => '{amount:1000}',
  () => '{"amount":1000}{"amount":1000}',
  () => '{"amount":1000} x',
  () => '// c\n{"amount":1000}',
  () => '{"amount":1000}\u0000',
  () => '\u0000{"amount":1000}',
  () => `\ufeff${amount}`,
  () => ` \t\r\n${amount}\r\n`,
  () => `\u00a0${amount}`,
  () => '{"amount":1000,"description":"line\nbreak"}',
  () => '{"amount":1000,"description":"\\x41"}',
  () => '{"amount":1000,"description":"\\u12"}',
  () => '{"amount":1,"amount":2,"amount":"x"}',
  () => '{"amount":"x","amount":null,"amount":7}',
  () => '{"amount":1,"\\u0061mount":5}',
  () => '{"amount":1000,"__proto__":{"amount":5}}',
  () => '{"__proto__":{"amount":1000}}',
  () => '{"amount":1000,"\\u005f_proto__":null}',
  () => '{"amount":1000,"constructor":{"prototype":{"polluted":1}}}',
  () => '{"amount":1000,"toString":1,"valueOf":1,"hasOwnProperty":1,"toJSON":1}',
  () => '{"amount":1000,"\\ud800":1}',
  () => '{"amount":1000,"reason":"\\udfff","refund_id":"\\ud800","description":"\\ud800x"}',
  () => '{"amount":1e999999}',
  () => '{"amount":-0.0}',
  () => `{"amount":${'9'.repeat(8_000)}}`,
  () => `{"amount":0.${'0'.repeat(8_000)}1}`,
  () => `{"amount":1${'0'.repeat(400)}e-400}`,
  () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  () =>
    Buffer.concat([Buffer.from('{"amount":1,"description":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
  () =>
    Buffer.concat([
      Buffer.from('{"amount":1,"description":"'),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from('"}'),
    ]),
  () =>
    Buffer.concat([
      Buffer.from('{"amount":1,"description":"'),
      Buffer.from([0xf4, 0x90, 0x80, 0x80]),
      Buffer.from('"}'),
    ]),
  () => Buffer.from(amount, 'utf16le'),
  () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(amount, 'utf16le')]),
  (dice) => Buffer.from(Array.from({ length: dice.between(1, 200) }, () => dice.below(256))),
  (dice) => broken(dice, '{"amount":1000,"description":"x","metadata":{"k":"v"},"currency":null}'),
  () => nested('[', ']', MOST_BODY_BYTES / 2),
  () => nested('{"a":', '}', 1_300).replace(':}', ':1}'),
  () => '['.repeat(MOST_BODY_BYTES),
  () => '{"metadata":'.repeat(680),
  () => `{"amount":1,"metadata":{"a":${nested('[', ']', 4_000)}}}`,
  () => `{${Array.from({ length: 900 }, (_, n) => `"f${n}":1`).join()}}`,
  () => `{"${'n'.repeat(8_000)}":1}`,
  () => `{"amount":1,"description":"${'x'.repeat(8_000)}"}`,
  () => amount + ' '.repeat(MOST_BODY_BYTES - amount.length),
  () => amount + ' '.repeat(MOST_BODY_BYTES - amount.length + 1),
  () => ' '.repeat(MOST_BODY_BYTES + 1),
  () => nested('[', ']', MOST_BODY_BYTES),
  () => '['.repeat(100_000),
  () => amount + ' '.repeat(300_000),
];

export function hostileJson(dice: Dice): Buffer {
  const made = dice.oneOf(HOSTILE)(dice);
  return typeof made === 'string' ? Buffer.from(made) : made;
}

/** Good JSON with some of its bytes changed, doubled or gone. */
function broken(dice: Dice, json: string): Buffer {
  const bytes = [...Buffer.from(json)];
  for (let times = dice.between(1, 3); times > 0; times--) {
    const at = dice.below(bytes.length);
    const change = dice.oneOf([[], [bytes[at] as number, bytes[at] as number], [dice.below(256)]]);
    bytes.splice(at, 1, ...change);
  }
  return Buffer.from(bytes);
}
