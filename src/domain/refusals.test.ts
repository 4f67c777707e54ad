import { expect, it } from 'vitest';
import { refuse } from './refusals.ts';

it('says as a value what is refused and what to do', () => {
  expect(refuse('payment_not_capturable', 'Wait.')).toEqual({
    ok: false,
    code: 'payment_not_capturable',
    detail: 'Wait.',
  });
});
