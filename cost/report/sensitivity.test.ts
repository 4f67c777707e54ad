import { describe, expect, it } from 'vitest';
import { ASSUMPTIONS } from './assumptions.ts';
import { someInputs, someReading } from './report.fixture.ts';
import { sensitivity, sensitivityTable } from './sensitivity.ts';
import { deployed, type Inputs, type System } from './systems.ts';

const PAYMENTS = 10_000_000;
const INPUTS = someInputs();
const SYSTEM = deployed('prod', someReading());

function alternative(assumption: string, name: string): Inputs {
  const found = ASSUMPTIONS.find((one) => one.name.startsWith(assumption))?.alternatives.find(
    (one) => one.name === name,
  );
  if (!found) throw new Error(`There is no ${assumption}: ${name}.`);
  return found.change(INPUTS);
}

function quantityOf(price: string, inputs: Inputs): number {
  return SYSTEM.billAt(PAYMENTS, inputs)
    .lines.filter((line) => line.price === price)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

describe('what moves the total', () => {
  const effects = sensitivity(SYSTEM, INPUTS, PAYMENTS);

  it('comes with the largest effect first, whichever way it goes', () => {
    const sizes = effects.map(({ changeUsd }) => Math.abs(changeUsd));
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  });

  it('has every alternative of every assumption, and leaves the inputs as they were', () => {
    expect(effects).toHaveLength(ASSUMPTIONS.flatMap(({ alternatives }) => alternatives).length);
    expect(INPUTS).toEqual(someInputs());
  });

  it('is the difference of two whole bills', () => {
    const kept = effects.find(
      ({ assumption, instead }) => assumption.startsWith('months') && instead === '24',
    );
    const total = SYSTEM.billAt(PAYMENTS, { ...INPUTS, mix: { ...INPUTS.mix, keptMonths: 24 } }).totalUsd;
    expect(kept?.totalUsd).toBeCloseTo(total, 9);
    expect(kept?.changeUsd).toBeCloseTo(total - SYSTEM.billAt(PAYMENTS, INPUTS).totalUsd, 9);
  });

  it('shows the sign of each change, and none that is nothing', () => {
    const system: System = {
      name: 'one',
      billAt: (_, { mix }) => ({ ...SYSTEM.billAt(1, INPUTS), totalUsd: mix.keptMonths }),
    };
    const changed = (keptMonths: number) => ({
      name: String(keptMonths),
      change: (inputs: Inputs) => ({ ...inputs, mix: { ...inputs.mix, keptMonths } }),
    });
    const table = sensitivityTable(
      sensitivity(system, INPUTS, 1, [
        {
          name: 'months',
          stands: ({ mix }) => String(mix.keptMonths),
          alternatives: [13, 6, 12].map(changed),
        },
      ]),
    );
    expect(table.rows).toEqual([
      ['months', '12', '6', '-6.00', '-50 %', '6.00'],
      ['months', '12', '13', '+1.00', '+8.3 %', '13.00'],
    ]);
  });
});

describe('the assumptions', () => {
  it('more reads are more requests', () => {
    expect(quantityOf('apigw.rest', alternative('reads', '1'))).toBe(PAYMENTS * 2);
  });

  it('a payment over 1 KB takes two units for each write of the table, and one for the index as before', () => {
    const heavier = alternative('bytes of a payment', 'over 1 KB: 1,500, two write units each');
    const units = (place: string, inputs: Inputs) =>
      SYSTEM.billAt(PAYMENTS, inputs).lines.find(({ what }) => what === `write units: ${place}`)?.quantity;
    // A create and a completion write the table once each, and the index once and twice.
    expect(units('payments', INPUTS)).toBeCloseTo(2 * PAYMENTS, 0);
    expect(units('payments', heavier)).toBeCloseTo(4 * PAYMENTS, 0);
    expect(units('payments/status-index', heavier)).toBeCloseTo(3 * PAYMENTS, 0);
  });

  it('a refund is a request, and a message', () => {
    const refunding = alternative('refunds', '0.1');
    expect(quantityOf('apigw.rest', refunding)).toBe(PAYMENTS * 1.1);
    expect(quantityOf('nat.gb', refunding) / quantityOf('nat.gb', INPUTS)).toBeCloseTo(1.1, 2);
  });

  it('waiting holds the function that answers', () => {
    // A tenth wait 3 s each, at half a GB: 0.15 GB-seconds for each payment.
    const more =
      quantityOf('lambda.gbs.arm', alternative('share of creates', '0.1, each 3 s')) -
      quantityOf('lambda.gbs.arm', INPUTS);
    expect(more / PAYMENTS).toBeCloseTo(0.15, 2);
  });

  it('prices that nobody has read change, and others do not', () => {
    const { list } = alternative('prices', 'twice');
    for (const [id, price] of INPUTS.list.prices) {
      const factor = price.confidence === 'seen' ? 1 : 2;
      expect(list.prices.get(id)?.tiers.map(({ usd }) => usd)).toEqual(
        price.tiers.map(({ usd }) => usd * factor),
      );
    }
  });
});
