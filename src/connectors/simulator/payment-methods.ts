import type { Failure } from '../../domain/payment.ts';

/** What a payment-method token makes the simulator do; nothing set: every operation succeeds. */
export interface Behaviour {
  /** The charge or authorize fails with this. */
  failure?: Failure;
  /** The customer has to accept a challenge first. */
  challenge?: true;
  /** Never answers: `executed` after doing it, `lost` (the first time) without doing it. */
  silence?: 'executed' | 'lost';
  /** How many attempts find the simulator down. */
  unavailableTimes?: number;
  capture?: 'fails';
  cancel?: 'fails';
  refund?: 'fails' | 'pends';
}

export const DEFAULT_PAYMENT_METHOD = 'pm_card_visa';

const BRANDS =
  'visa visa_debit mastercard mastercard_debit mastercard_prepaid amex discover diners jcb unionpay ' +
  'visa_cartesBancaires mastercard_cartesBancaires bypassPending';
/** The names that developers know for cards issued in a country. */
const COUNTRIES =
  'us ar br ca cl co cr ec mx pa py pe uy ae at be bg by hr cy cz dk ee fi fr de gi gr hu ie it lv li lt lu mt ' +
  'nl no pl pt ro sa si sk es se ch gb au cn hk in jp my nz sg tw th_credit th_debit';

/** Spelled both as `pm_card_visa_chargeDeclined…` and as `pm_card_chargeDeclined…`. */
const DECLINES: Readonly<Record<string, Failure>> = {
  '': declined('generic_decline', 'try_again_later', 'The card was declined.'),
  InsufficientFunds: declined('insufficient_funds', 'try_again_later', 'The card has insufficient funds.'),
  LostCard: declined('lost_card', 'do_not_try_again', 'The card was reported lost.'),
  StolenCard: declined('stolen_card', 'do_not_try_again', 'The card was reported stolen.'),
  Fraudulent: declined('fraudulent', 'do_not_try_again', 'The payment was declined as suspected fraud.'),
  ExpiredCard: failure('expired_card', 'confirm_card_data', 'The card has expired.'),
  IncorrectCvc: failure('incorrect_cvc', 'confirm_card_data', 'The security code of the card is incorrect.'),
  ProcessingError: failure(
    'processing_error',
    'try_again_later',
    'An error occurred while processing the card.',
  ),
};

const BEHAVIOURS: ReadonlyMap<string, Behaviour> = new Map<string, Behaviour>([
  ...`${BRANDS} ${COUNTRIES}`.split(' ').map((name) => [`pm_card_${name}`, {}] as const),
  ...Object.entries(DECLINES).flatMap(([name, failure]) => [
    [`pm_card_chargeDeclined${name}`, { failure }] as const,
    [`pm_card_visa_chargeDeclined${name}`, { failure }] as const,
  ]),
  ['pm_card_authenticationRequired', { challenge: true }],
  ['pm_card_pendingRefund', { refund: 'pends' }],
  ['pm_card_refundFail', { refund: 'fails' }],
  ['pm_sim_captureFail', { capture: 'fails' }],
  ['pm_sim_cancelFail', { cancel: 'fails' }],
  ['pm_sim_timeout', { silence: 'executed' }],
  ['pm_sim_timeout_lost', { silence: 'lost' }],
]);

/** Three digits are far beyond any cap on attempts. */
const UNAVAILABLE = /^pm_sim_unavailable_(\d{1,3})$/;

/** How the simulator behaves for a token; null if it does not know it. */
export function behaviourOf(paymentMethod: string): Behaviour | null {
  const known = BEHAVIOURS.get(paymentMethod);
  if (known) return known;
  const times = UNAVAILABLE.exec(paymentMethod)?.[1];
  return times === undefined ? null : { unavailableTimes: Number(times) };
}

/** The least digits that a card number has: as many are never repeated to anybody. */
const CARD_NUMBER_DIGITS = 13;
/** Enough to recognise what one has sent. */
const ECHO_LENGTH = 80;

export function invalidPaymentMethod(paymentMethod: string): Failure {
  const digits = paymentMethod.replace(/\P{Nd}/gu, '').length;
  const received =
    digits >= CARD_NUMBER_DIGITS
      ? 'A text with as many digits as a card number, which is not repeated here,'
      : JSON.stringify(paymentMethod.slice(0, ECHO_LENGTH));
  return failure(
    'invalid_payment_method',
    'do_not_try_again',
    `${received} is not a payment method of the simulator. Use a test token such as ${DEFAULT_PAYMENT_METHOD}.`,
  );
}

export function failure(code: string, advice: string | null, message: string): Failure {
  return { code, decline_code: null, advice, message };
}

function declined(declineCode: string, advice: string, message: string): Failure {
  return { code: 'card_declined', decline_code: declineCode, advice, message };
}
