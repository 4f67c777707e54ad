import { expect, it } from 'vitest';
import { createLineLogger, type LogLevel } from './line-logger.ts';

function logger(level: LogLevel) {
  let text = '';
  const made = createLineLogger(level, { now: () => 1_772_443_800_000 }, (more) => {
    text += more;
  });
  return { ...made, text: () => text };
}

it('writes one line of JSON with level, time, fields and message', () => {
  const log = logger('info');
  log.warn({ payment_id: 'p1', note: 'two\nlines' }, 'it came again');
  expect(log.text()).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(log.text())).toEqual({
    level: 'warn',
    time: '2026-03-02T09:30:00.000Z',
    payment_id: 'p1',
    note: 'two\nlines',
    msg: 'it came again',
  });
});

it.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['error', ['error']],
  ['silent', []],
] as const)('at %s writes %s', (level, written) => {
  const log = logger(level);
  for (const at of ['debug', 'info', 'warn', 'error'] as const) log[at]({}, at);
  const lines = log.text().split('\n').filter(Boolean);
  expect(lines.map((line) => JSON.parse(line).level)).toEqual(written);
});

it('takes out what is named like a secret, however deep', () => {
  const log = logger('info');
  log.error({ key: 'tg_test_1', headers: { authorization: 'Bearer x' }, list: [{ secret: 's' }] }, 'oh');
  expect(log.text()).not.toMatch(/tg_test_1|Bearer|"s"/);
  expect(JSON.parse(log.text()).headers.authorization).toBe('[Redacted]');
});

it.each(['key', 'authorization', 'secret'])('takes out a %s among fields that are all plain', (name) => {
  const log = logger('info');
  log.info({ request_id: 'req_1', [name]: 'tg_test_1' }, 'request');
  expect(JSON.parse(log.text())).toMatchObject({ request_id: 'req_1', [name]: '[Redacted]' });
});

it.each([
  ['error', '{"_aws":{}}\n'],
  ['silent', ''],
] as const)('prints a line of metrics as it is, unless all is silent (%s)', (level, printed) => {
  const log = logger(level);
  log.line('{"_aws":{}}');
  expect(log.text()).toBe(printed);
});

it('takes card numbers and secrets of keys out of what others said', () => {
  const log = logger('debug');
  for (const say of [log.warn, log.error]) say({ error: 'card 4242 4242 4242 4242 declined' }, 'refused');
  expect(log.text().match(/card \[redacted\] declined/g)).toHaveLength(2);
});
