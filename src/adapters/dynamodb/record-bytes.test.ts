import { describe, expect, it } from 'vitest';
import { toRecord } from '../../domain/payment-record.ts';
import { LIVES, UNSETTLED } from '../../ports/payment-store.fixture.ts';
import { packRecord, unpackRecord } from './record-bytes.ts';

const EVERY = [
  ...Object.values(LIVES).flatMap((lived) => lived()),
  ...Object.values(UNSETTLED).flatMap(({ lived }) => lived()),
].map(toRecord);

describe('a packed record', () => {
  it('is read as it was, whatever happened to the payment', () => {
    for (const record of EVERY) expect(unpackRecord({ B: packRecord(record) })).toEqual(record);
  });

  it('is read from base64 too, as a stream record has it', () => {
    const [record] = EVERY as [object];
    expect(unpackRecord({ B: Buffer.from(packRecord(record)).toString('base64') })).toEqual(record);
  });

  it('keeps text as it was sent: signs of every plane, and half of a pair', () => {
    const record = { description: 'Zoë 支付 💶 \u0000 \ud83d', metadata: { ключ: '{"amount":1000' } };
    expect(unpackRecord({ B: packRecord(record) })).toEqual(record);
  });

  it('is a third of its text, or less, where it says what most say', () => {
    for (const record of EVERY) {
      expect(packRecord(record).length).toBeLessThan(JSON.stringify(record).length / 3);
    }
  });

  // Written once by this very code. If it cannot be read any more, neither can any payment that is stored.
  it('is read by every later version', () => {
    const stored = 'AUMkABMjtASQnJFGRAJANT0kMSknVcFcqRYA';
    expect(unpackRecord({ B: stored })).toEqual({
      amount: 4_200,
      currency: 'chf',
      payment_method: 'pm_card_visa',
      description: 'Table 7',
    });
  });

  it.each([
    ['another format', { B: Buffer.of(2, 1, 1) }, 'format 2 cannot be read'],
    ['no bytes at all', { B: new Uint8Array() }, 'format undefined cannot be read'],
    ['an attribute that is not binary', { S: '{}' }, 'this is none'],
  ])('cannot be read from %s, and says so', (_, stored, message) => {
    expect(() => unpackRecord(stored)).toThrow(message);
  });

  it('cannot be read when it was cut off', () => {
    const [record] = EVERY as [object];
    expect(() => unpackRecord({ B: packRecord(record).subarray(0, 40) })).toThrow();
  });

  it('does not grow without end when it is read', () => {
    const bomb = packRecord({ description: 'x'.repeat(5 * 2 ** 20) });
    expect(() => unpackRecord({ B: bomb })).toThrow(RangeError);
  });
});
