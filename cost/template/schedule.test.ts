import { describe, expect, it } from 'vitest';
import { timesPerMonth } from './schedule.ts';

const DAYS = 730 / 24;

describe('A schedule', () => {
  it.each([
    ['rate(5 minutes)', 8_760],
    ['rate(1 hour)', 730],
    ['rate(1 day)', DAYS],
    ['cron(0 3 1 * ? *)', 1],
    ['cron(0 3 1,15 * ? *)', 2],
    ['cron(0 5 ? * * *)', DAYS],
    ['cron(0 5 * * ? *)', DAYS],
    ['cron(0 5 ? * SUN *)', DAYS / 7],
    ['cron(0 5 ? * MON,THU *)', (2 * DAYS) / 7],
    ['cron(0 3 1 1,7 ? *)', 1 / 6],
    ['cron(0/15 * * * ? *)', 4 * 24 * DAYS],
    ['cron(0 */6 * * ? *)', 4 * DAYS],
  ])('%s is due %d times a month', (schedule, times) => {
    expect(timesPerMonth(schedule)).toBeCloseTo(times, 9);
  });

  it.each([
    '',
    'at(2026-01-01T00:00:00)',
    'cron(0 3 1 *)',
    'cron(0 3 L * ? * *)',
    'cron(0 3 ? * MON-FRI *)',
    'rate(5 weeks)',
  ])('that it cannot read is refused: "%s"', (schedule) => {
    expect(() => timesPerMonth(schedule)).toThrow(`The schedule "${schedule}" cannot be read.`);
  });
});
