import { expect, it } from 'vitest';
import { runbookLink } from './runbook-link.ts';

it('is a page of this repository unless a fork has its own', () => {
  expect(runbookLink('queue-age')).toBe(
    'https://github.com/tollgate/tollgate/blob/main/docs/runbooks/queue-age.md',
  );
  expect(runbookLink('queue-age', 'https://wiki.example.com/pay')).toBe(
    'https://wiki.example.com/pay/queue-age.md',
  );
});
