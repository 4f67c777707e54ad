import { describe, expect, it } from 'vitest';
import { parsePrefer } from './prefer.ts';

describe('parsePrefer', () => {
  it.each([
    ['wait=10', 10],
    ['WAIT=10', 10],
    ['  wait = 10  ', 10],
    ['wait="10"', 10],
    ['wait=007', 7],
    ['wait=25', 25],
    ['wait=26', 25],
    [`wait=${'9'.repeat(400)}`, 25],
  ])('reads %j as %i seconds', (header, seconds) => {
    expect(parsePrefer(header)).toBe(seconds);
  });

  it.each([
    ['return=minimal, wait=5', 5],
    ['respond-async,wait=5 , handling=lenient', 5],
    [',, ,wait=5,', 5],
    ['wait=5; foo=bar; wait=9', 5],
    ['foo; wait=9', 0],
    ['foo; bar="a, wait=9"; x, wait=5', 5],
    ['foo="wait=9, wait=8", wait=5', 5],
    ['foo="a\\", wait=9, \\"", wait=5', 5],
    ['waiting=9, await=8, x-wait=7', 0],
  ])('finds it among other preferences: %j', (header, seconds) => {
    expect(parsePrefer(header)).toBe(seconds);
  });

  it.each(['wait=5, wait=10', 'wait=5;x, WAIT=10'])('takes the first of several: %j', (header) => {
    expect(parsePrefer(header)).toBe(5);
  });

  it.each(['wait=soon, wait=10', 'wait=0, wait=10', 'wait, wait=10'])(
    'goes by the first even if unreadable: %j',
    (header) => {
      expect(parsePrefer(header)).toBe(0);
    },
  );

  it.each([
    undefined,
    '',
    'wait',
    'wait=',
    'wait=""',
    'wait=0',
    'wait=-1',
    'wait=+1',
    'wait=1.5',
    'wait=1e1',
    'wait=0x10',
    'wait=ten',
    'wait=" 10"',
    'wait=10s',
    'wait=10 s',
    'wait="10"s',
    'wait=１０',
    'wait 10',
    '=10',
    'wait="10',
    'foo="unclosed, wait=10',
    '"wait"=10',
  ])('does not wait for %j', (header) => {
    expect(parsePrefer(header)).toBe(0);
  });

  it('answers for hostile headers as large as a server takes', () => {
    const size = 16_384;
    for (const unit of [' ', ',', ';', '"', '\\', '"\\', 'wait', 'wait ', 'wait=', 'a=" ', '" ,', '\t='])
      for (const start of ['', 'wait', 'wait=', 'a="'])
        expect(parsePrefer(`${start}${unit.repeat(size / unit.length)}!`)).toBe(0);
  });
});
