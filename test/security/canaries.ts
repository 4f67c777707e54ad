import { asciiDigits } from '../../src/domain/unicode-digits.ts';

/**
 * Numbers that pass for cards and are none: the public test numbers of the schemes, and made ones for the lengths that
 * these lack. Each stands for one issuer and length, so that a find tells which way it came.
 */
export const CARDS = {
  visa: '4111111111111111',
  visa13: '4222222222222',
  visa19: '4111111111111111110',
  mastercard: '5105105105105100',
  mastercard2: '2223003122003222',
  amex: '371449635398431',
  diners: '36227206271667',
  discover: '6011000990139424',
  jcb: '3566002020360505',
  unionpay19: '6205500000000000004',
  maestro: '6759649826438453',
} as const;

/** One card in the groups in which it is embossed. */
function grouped(card: string, joint: string): string {
  const sizes = card.length === 15 ? [4, 6, 5] : [4, 4, 4, card.length - 12];
  let at = 0;
  return sizes
    .map((size) => {
      at += size;
      return card.slice(at - size, at);
    })
    .join(joint);
}

function inDigits(card: string, zero: number): string {
  return [...card].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
}

/** Every way in which somebody may write one. */
export function spellings(): string[] {
  const { visa, amex, mastercard, discover } = CARDS;
  return [
    ...Object.values(CARDS),
    ...[visa, amex, mastercard].flatMap((card) => [grouped(card, ' '), grouped(card, '-')]),
    // No-break space, figure dash, minus sign: what word processors make of the two.
    ...['\u00a0', '\u2012', '\u2212'].map((joint) => grouped(discover, joint)),
    // Fullwidth, Arabic-Indic, Devanagari and mathematical digits.
    ...[0xff10, 0x0660, 0x0966, 0x1d7ce].map((zero) => inDigits(visa, zero)),
  ];
}

/** Stands in every request that must be refused: whatever is kept of one, this is with it. */
export const MARKER = 'canary7f3a';

/** Security codes, as fields and in prose; none is three digits alone, which nobody could find again. */
export const SECURITY_CODES: readonly Record<string, unknown>[] = [
  { metadata: { cvc: '737', [MARKER]: 'x' } },
  { metadata: { cvv: '737', [MARKER]: 'x' } },
  { metadata: { 'card-cvv2': '7373', [MARKER]: 'x' } },
  { metadata: { securityCode: '737', [MARKER]: 'x' } },
  { metadata: { note: `${MARKER} cvc: 737` } },
  { metadata: { pin_block: '0412AC89ABCDEF67', [MARKER]: 'x' } },
  { metadata: { track2_data: `${MARKER}=25121010000012300000` } },
  { description: `${MARKER} CVV 737` },
  { description: MARKER, cvc: '737' },
  { description: MARKER, card: { cvc: '737' } },
  { return_url: `https://shop.example/${MARKER}?cvc=737` },
];

/** What a text may be turned into on its way into a file: by SQLite, JSON, HTTP, a shell, a log, base64. */
function formsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const escaped = [...text].map((one) => {
    const codes = Array.from({ length: one.length }, (_, n) => one.charCodeAt(n));
    return codes.map((code) => `\\u${code.toString(16).padStart(4, '0')}`).join('');
  });
  const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase(), escaped.join(''), percent],
    encodeURIComponent(text),
    // Base64 depends on what stands before: three forms, without the characters that neighbours share.
    ...[0, 1, 2].map((shift) => {
      const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
      return encoded.slice([0, 2, 3][shift], -4);
    }),
  ].map((form) => Buffer.from(form));
}

const JOINTS = /(?<=\p{Nd})[\p{Zs}\p{Pd}\u2212_.,/\t](?=\p{Nd})/gu;

/** What must be found nowhere, beside the cards: secrets of keys and of call-backs. */
export function createSearch(secrets: readonly string[]) {
  const wanted = [...new Set([...spellings(), MARKER, ...secrets])].map((text) => ({
    text,
    forms: formsOf(text),
  }));
  const digits = Object.values(CARDS);

  /** What of all that stands in the bytes, in whatever form. */
  return (bytes: Buffer): string[] => {
    const found = wanted.filter(({ forms }) => forms.some((form) => bytes.includes(form)));
    // The digits, in whatever script and however parted.
    const plain = asciiDigits(bytes.toString('utf8')).replaceAll(JOINTS, '');
    return [...found.map(({ text }) => text), ...digits.filter((card) => plain.includes(card))];
  };
}
