import { describe, expect, it } from 'vitest';
import type { Service } from './cloud/call-units.ts';
import { waitsOf } from './waits.ts';

const LATENCY_MS = { dynamodb: 5, sqs: 8, s3: 30, secretsmanager: 10, psp: 300 };

const rounds = (...all: readonly (readonly Service[])[]) =>
  all.map((services) => services.map((service) => ({ service, operation: 'Ask', units: {} })));

describe('waits', () => {
  it('are one for calls that are under way together', () => {
    expect(waitsOf(rounds(['dynamodb', 'dynamodb', 'dynamodb']), LATENCY_MS)).toEqual({ 'wait.dynamodb': 1 });
  });

  it('are one for each of calls that follow each other', () => {
    expect(waitsOf(rounds(['dynamodb'], ['dynamodb'], ['sqs']), LATENCY_MS)).toEqual({
      'wait.dynamodb': 2,
      'wait.sqs': 1,
    });
  });

  it('are for the slowest service of a round', () => {
    expect(waitsOf(rounds(['dynamodb', 's3', 'sqs']), LATENCY_MS)).toEqual({ 'wait.s3': 1 });
  });

  it('are one for what the simulated PSP does at its own table for one request', () => {
    expect(waitsOf(rounds(['dynamodb'], ['psp'], ['psp', 'dynamodb'], ['dynamodb']), LATENCY_MS)).toEqual({
      'wait.dynamodb': 2,
      'wait.psp': 1,
    });
    expect(waitsOf(rounds(['psp'], ['dynamodb'], ['psp']), LATENCY_MS)).toEqual({
      'wait.psp': 2,
      'wait.dynamodb': 1,
    });
  });

  it('are none where nothing was called', () => {
    expect(waitsOf([], LATENCY_MS)).toEqual({});
  });
});
