/** Of a metric or an expression: `undefined` where CloudWatch would have no data. */
export type Known = (id: string) => number | undefined;

/** Works out an expression of metric math, as far as the cost dashboard uses it. */
export function evaluate(expression: string, known: Known): number | undefined {
  const tokens = expression.match(/[A-Za-z]\w*|\d+(\.\d+)?|[-+*/(),>]/g) ?? [];
  if (tokens.join('') !== expression.replaceAll(' ', '')) throw new SyntaxError(`not read: ${expression}`);
  let at = 0;
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };
  const expect = (token: string) => {
    if (!take(token)) throw new SyntaxError(`${token} expected before ${tokens.slice(at).join(' ')}`);
  };
  type Value = number | undefined;
  const both = (a: Value, b: Value, work: (a: number, b: number) => number): Value => {
    const value = a === undefined || b === undefined ? undefined : work(a, b);
    return Number.isFinite(value) ? value : undefined;
  };

  function sum(): Value {
    let value = product();
    for (;;) {
      if (take('+')) value = both(value, product(), (a, b) => a + b);
      else if (take('-')) value = both(value, product(), (a, b) => a - b);
      else return value;
    }
  }
  function product(): Value {
    let value = atom();
    for (;;) {
      if (take('*')) value = both(value, atom(), (a, b) => a * b);
      else if (take('/')) value = both(value, atom(), (a, b) => a / b);
      else return value;
    }
  }
  function atom(): Value {
    const token = tokens[at] ?? '';
    at += 1;
    if (token === '(') return closed(sum());
    if (/^\d/.test(token)) return Number(token);
    if (token === 'FILL') {
      expect('(');
      const value = sum();
      expect(',');
      const filling = sum();
      return closed(value ?? filling);
    }
    if (token === 'IF') {
      expect('(');
      const left = sum();
      expect('>');
      const isTrue = both(left, sum(), (a, b) => Number(a > b));
      expect(',');
      const value = sum();
      return closed(isTrue ? value : undefined);
    }
    if (!/^[a-z]/.test(token)) throw new SyntaxError(`${token} is no name of a metric in ${expression}`);
    return known(token);
  }
  function closed(value: Value): Value {
    expect(')');
    return value;
  }

  const value = sum();
  if (at < tokens.length) throw new SyntaxError(`left over: ${tokens.slice(at).join(' ')}`);
  return value;
}
