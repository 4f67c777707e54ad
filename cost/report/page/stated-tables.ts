import type { Price } from '../../prices/price.ts';
import { percent } from '../amounts.ts';
import { priceText } from '../not-seen.ts';
import type { Inputs } from '../systems.ts';
import type { TextTable } from '../text-table.ts';

/** Everything that the mix states, each with its unit. */
export function mixTable({ mix }: Inputs): TextTable {
  const { lives, sizes, psp, latencyMs } = mix;
  return {
    head: ['of the payments', 'value'],
    rows: [
      ...Object.entries(lives).map(([life, share]) => [life, percent(share)]),
      ['refunded', percent(mix.refundedShare)],
      ['requested twice', percent(mix.replayedShare, 1)],
      ['waited for (`Prefer: wait`)', percent(mix.waitShare)],
      ['reads for each', String(mix.readsPerPayment)],
      ['lists for each', String(mix.listsPerPayment)],
      ['characters of a payment id', String(sizes.paymentIdCharacters)],
      ['characters of a description', String(sizes.descriptionCharacters)],
      ["bytes of a request's headers", String(sizes.requestHeaderBytes)],
      ['until the PSP answers', `${psp.latencyMs} ms`],
      ['bytes of a call of the PSP, both ways', psp.bytesPerCall.toLocaleString('en-US')],
      ...Object.entries(latencyMs).map(([service, ms]) => [`until ${service} answers`, `${ms} ms`]),
      ['payments kept', `${mix.keptMonths} months`],
      ['between authorization and capture', `${mix.authorizedHours} h`],
      ['API keys in use', String(mix.activeKeys)],
      ['requests that the firewall blocks', percent(mix.blockedShare)],
      ["life of a function's environment", `${mix.environmentLifeHours} h`],
    ],
  };
}

export function pricesTable(prices: readonly Price[]): TextTable {
  return {
    head: ['price', 'source', 'note'],
    rightFrom: 3,
    rows: prices.map((price) => [priceText(price), price.source, price.note]),
  };
}
