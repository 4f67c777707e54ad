import { expect, it } from 'vitest';
import { cleanUpAfterEach, createRig, firstRequest, followUp, PATIENT } from './simulator.fixture.ts';

cleanUpAfterEach();

function charge(payment_method: string) {
  return createRig().simulator.execute(firstRequest({ payment_method }), PATIENT);
}

it.each([
  ...['pm_card_visa', 'pm_card_visa_debit', 'pm_card_mastercard', 'pm_card_mastercard_debit', 'pm_card_amex'],
  ...['pm_card_mastercard_prepaid', 'pm_card_discover', 'pm_card_diners', 'pm_card_jcb', 'pm_card_unionpay'],
  ...['pm_card_us', 'pm_card_gb', 'pm_card_de', 'pm_card_pendingRefund', 'pm_card_refundFail'],
  ...['pm_sim_captureFail', 'pm_sim_cancelFail', 'pm_sim_unavailable_0'],
])('%s succeeds', async (method) => {
  expect(await charge(method)).toMatchObject({ outcome: 'succeeded' });
});

it.each([
  ['', 'card_declined', 'generic_decline', 'try_again_later'],
  ['InsufficientFunds', 'card_declined', 'insufficient_funds', 'try_again_later'],
  ['LostCard', 'card_declined', 'lost_card', 'do_not_try_again'],
  ['StolenCard', 'card_declined', 'stolen_card', 'do_not_try_again'],
  ['Fraudulent', 'card_declined', 'fraudulent', 'do_not_try_again'],
  ['ExpiredCard', 'expired_card', null, 'confirm_card_data'],
  ['IncorrectCvc', 'incorrect_cvc', null, 'confirm_card_data'],
  ['ProcessingError', 'processing_error', null, 'try_again_later'],
])('chargeDeclined%s fails with its code in both spellings', async (name, code, decline_code, advice) => {
  for (const prefix of ['pm_card_visa_', 'pm_card_']) {
    const answer = await charge(`${prefix}chargeDeclined${name}`);
    const message = expect.stringMatching(/\.$/);
    expect(answer).toMatchObject({ outcome: 'failed', failure: { code, decline_code, advice, message } });
  }
});

it.each([
  'tok_visa',
  'PM_CARD_VISA',
  'pm_card_visa ',
  'constructor',
  '__proto__',
  '',
  'pm_sim_unavailable_',
  'pm_sim_unavailable_1000',
  'pm_sim_unavailable_-1',
])('an unknown token %j fails, and the message says what was received and what to use', async (method) => {
  const answer = await charge(method);
  expect(answer).toMatchObject({
    outcome: 'failed',
    failure: { code: 'invalid_payment_method', decline_code: null, advice: 'do_not_try_again' },
  });
  const { message } = (answer as { failure: { message: string } }).failure;
  expect(message).toContain(JSON.stringify(method));
  expect(message).toContain('pm_card_visa');
});

it.each([
  '4242424242424242',
  'pm_4242.4242.4242.4242',
  'card 4242-4242-4242-4',
  '４２４２４２４２４２４２４２４２',
])('never echoes as many digits as a card number has: %s', async (method) => {
  const answer = await charge(method);
  expect(answer).toMatchObject({ failure: { code: 'invalid_payment_method' } });
  expect(JSON.stringify(answer)).not.toMatch(/4\D?2\D?4\D?2|４２/);
});

it('echoes no more of a long token than is needed to recognise it', async () => {
  const answer = await charge('x'.repeat(255));
  expect((answer as { failure: { message: string } }).failure.message.length).toBeLessThan(250);
});

it('repeats the failure of an unknown token, and tells it from another one', async () => {
  const { simulator } = createRig();
  const request = firstRequest({ payment_method: 'tok_visa' });
  const answer = await simulator.execute(request, PATIENT);
  expect(await simulator.execute(request, PATIENT)).toEqual(answer);
  const other = { ...request, payment_method: 'tok_amex' };
  await expect(simulator.execute(other, PATIENT)).rejects.toMatchObject({ outcome: 'unknown' });
});

it('lets the capture, the cancel and the refund fail, each for its own token', async () => {
  const { simulator } = createRig();
  const cases = [
    ['authorize', 'pm_sim_captureFail', 'capture', 'capture_failed'],
    ['authorize', 'pm_sim_cancelFail', 'cancel', 'cancel_failed'],
    ['charge', 'pm_card_refundFail', 'refund', 'refund_failed'],
  ] as const;
  for (const [kind, payment_method, second, code] of cases) {
    const original = firstRequest({ kind, payment_method });
    expect(await simulator.execute(original, PATIENT)).toMatchObject({ outcome: 'succeeded' });
    const answer = await simulator.execute(followUp(original, second), PATIENT);
    expect(answer).toMatchObject({ outcome: 'failed', failure: { code } });
  }
});

it('leaves an authorization whose capture or cancel has failed to the other of the two', async () => {
  const { simulator } = createRig();
  const uncapturable = firstRequest({ kind: 'authorize', payment_method: 'pm_sim_captureFail' });
  const uncancelable = firstRequest({ kind: 'authorize', payment_method: 'pm_sim_cancelFail' });
  for (const request of [uncapturable, followUp(uncapturable, 'capture')])
    await simulator.execute(request, PATIENT);
  for (const request of [uncancelable, followUp(uncancelable, 'cancel')])
    await simulator.execute(request, PATIENT);
  for (const request of [followUp(uncapturable, 'cancel'), followUp(uncancelable, 'capture')]) {
    expect(await simulator.execute(request, PATIENT)).toMatchObject({ outcome: 'succeeded' });
  }
});
