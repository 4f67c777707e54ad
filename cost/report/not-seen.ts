import type { Bill } from '../bill/bill.ts';
import type { Price, PriceList } from '../prices/price.ts';

/** Prices that some bill rests on and that were not read in AWS's own list or in a copy of it, by id. */
export function pricesNotSeen(bills: readonly Bill[], list: PriceList): readonly Price[] {
  const used = new Set(
    bills.flatMap(({ lines }) => lines.filter(({ quantity }) => quantity > 0).map(({ price }) => price)),
  );
  return [...used]
    .toSorted()
    .map((id) => list.prices.get(id))
    .filter((price): price is Price => price !== undefined && price.confidence !== 'seen');
}

/** `ddb.x (remembered): $0.10 for 1,000,000 requests` */
export function priceText({ id, confidence, tiers, per, unit }: Price): string {
  const units = per === 1 ? unit : `${per.toLocaleString('en-US')} ${unit}s`;
  return `${id} (${confidence}): $${tiers[0]?.usd} for ${per === 1 ? 'one ' : ''}${units}`;
}

/** Resources that a template has and nobody has taught the reader, each once. */
export function unknownOf(bills: readonly Bill[]): readonly string[] {
  return [
    ...new Set(
      bills.flatMap(({ unknown }) =>
        unknown.map(
          ({ logicalId, type, why }) => `${type} (${logicalId})${why === undefined ? '' : `: ${why}`}`,
        ),
      ),
    ),
  ].toSorted();
}
