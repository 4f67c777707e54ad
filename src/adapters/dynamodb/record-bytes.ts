import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { bytesOf, type StoredAttribute } from './attributes.ts';

/**
 * A record as one binary attribute: its JSON, deflated (RFC 1951) against a dictionary of what most records say.
 * DynamoDB is paid by the byte that is kept, three times over (storage, recovery, backups), and names, statuses and
 * times are most of a payment. A plain one is a third of what it is as attributes.
 */

/** The first byte: which dictionary the rest was deflated against. */
const FORMAT = 1;

/**
 * Never changed: bytes that were deflated against it cannot be read with another. A better one is another format. What
 * most records have stands last, where it is found first.
 */
const DICTIONARY = Buffer.from(
  [
    '"next_action":{"type":"redirect","url":"https://","expires_at":"lookups":1,"looked_up_at":"refund","cancel","capture"',
    '"capture_method":"manual","authorization_expires_at":"return_url":"https://www.","key_hash":"1:","reason":"',
    '"unknown","requires_action","canceled","authorized","failed","sweep","psp"],["',
    '"kind":"authorize","id":"authorize.1","failure":{"code":"","next_step_at":"dispatched_at":"dispatch":"charge.1"',
    '"code":"card_declined","message":"order_id":"eur","gbp","usd","pm_card_visa","Order ',
    '{"amount":1000,"currency":"usd","payment_method":"pm_card_visa","connector":"simulator","request_hash":"1:',
    '","operations":[{"id":"charge.1","kind":"charge","amount":1000,"outcome":"succeeded","psp_reference":"sim_ch_',
    '","attempts":1,"requested_at":"2026-11-23T09:30:00.000Z","settled_at":"2026-11-23T09:30:01.000Z"}],"history":[["',
    '2026-11-23T09:30:00.000Z","charge","charge.1","pending","processing","',
    '"],["2026-11-23T09:30:01.000Z","charge","charge.1","succeeded","completed","worker"]],"description":"',
    '","metadata":{"',
  ].join(''),
);

/** Four KB reach back over the dictionary and a whole plain record; more only costs time to set up. */
const DEFLATE = { dictionary: DICTIONARY, windowBits: 12, memLevel: 5 };
const INFLATE = { dictionary: DICTIONARY, windowBits: 12, maxOutputLength: 4 * 2 ** 20 };

export function packRecord(record: object): Uint8Array {
  return Buffer.concat([Buffer.of(FORMAT), deflateRawSync(JSON.stringify(record), DEFLATE)]);
}

/**
 * @param stored as the SDK gives it, or as text in base64, as a stream record has it
 * @throws TypeError if it is not a binary attribute that was packed here
 */
export function unpackRecord({ B }: StoredAttribute): object {
  if (B === undefined) throw new TypeError('A record is stored as a binary attribute, and this is none.');
  const bytes = bytesOf(B);
  if (bytes[0] !== FORMAT) {
    throw new TypeError(
      `A record of format ${bytes[0]} cannot be read: this version knows format ${FORMAT}.`,
    );
  }
  return JSON.parse(inflateRawSync(bytes.subarray(1), INFLATE).toString('utf8')) as object;
}
