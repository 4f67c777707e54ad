import { expect, it } from 'vitest';
import { createFakeClock } from '../memory/fake-clock.ts';
import { createFakeTimers } from '../memory/fake-timers.ts';
import { createThreadLogger } from './thread-logger.ts';

function threadLogger() {
  const clock = createFakeClock();
  const timers = createFakeTimers(clock);
  const sent: string[] = [];
  const logger = createThreadLogger('info', { clock, timers }, (lines) => sent.push(lines));
  return { clock, timers, sent, logger };
}

const messages = (lines: string) =>
  lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).msg]));

it('hands lines on together, a quarter of a second after the first', () => {
  const { clock, timers, sent, logger } = threadLogger();
  logger.info({}, 'first');
  clock.advance(200);
  logger.warn({}, 'second');
  expect(sent).toEqual([]);
  clock.advance(50);
  expect(sent.map(messages)).toEqual([['first', 'second']]);
  expect(timers.pending()).toBe(0);
  logger.info({}, 'third');
  clock.advance(250);
  expect(sent.map(messages)).toEqual([['first', 'second'], ['third']]);
});

it('hands them on at once when they are many, and none of them twice', () => {
  const { clock, sent, logger } = threadLogger();
  for (let line = 0; line < 40; line += 1) logger.info({ note: 'x'.repeat(1_000) }, String(line));
  expect(sent).toHaveLength(1);
  clock.advance(1_000);
  expect(sent.flatMap(messages)).toEqual(Array.from({ length: 40 }, (_, line) => String(line)));
});

it('hands on what is gathered when it is told to', () => {
  const { sent, timers, logger } = threadLogger();
  logger.info({}, 'last words');
  logger.flush();
  logger.flush();
  expect(sent.map(messages)).toEqual([['last words']]);
  expect(timers.pending()).toBe(0);
});

it('gathers nothing below its level', () => {
  const { sent, timers, logger } = threadLogger();
  logger.debug({}, 'too much');
  logger.flush();
  expect(sent).toEqual([]);
  expect(timers.pending()).toBe(0);
});
