import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from './arguments.ts';

describe('the command line of the pre-flight', () => {
  it.each([[['-c', 'a=b']], [['-ca=b']], [['-c=a=b']], [['--context', 'a=b']], [['--context=a=b']]])(
    'reads context as the CDK does: %s',
    (given) => {
      expect(parseArguments(given)).toEqual({ a: 'b' });
    },
  );

  it('keeps whatever stands after the first equals sign', () => {
    expect(parseArguments(['-c', 'arn=x=y'])).toEqual({ arn: 'x=y' });
  });

  it.each([[['deploy']], [['-c']], [['-c', 'a']]])('refuses what it does not understand: %s', (given) => {
    expect(() => parseArguments(given)).toThrow(UsageError);
  });
});
