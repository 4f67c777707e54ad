/**
 * Money is an integer in the currency's minor unit.
 * Exponents are those of ISO 4217 (list one, "Minor unit" column): JPY 0, USD 2, KWD 3, CLF 4.
 * Codes without a minor unit there (metals, XDR, XTS, XXX) cannot be charged and are left out.
 */

const EXPONENT_0 = 'bif clp djf gnf isk jpy kmf krw pyg rwf ugx uyi vnd vuv xaf xof xpf';
const EXPONENT_3 = 'bhd iqd jod kwd lyd omr tnd';
const EXPONENT_4 = 'clf uyw';
const EXPONENT_2 =
  'aed afn all amd aoa ars aud awg azn bam bbd bdt bmd bnd bob bov brl bsd btn bwp byn bzd cad cdf che chf ' +
  'chw cny cop cou crc cup cve czk dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gtq gyd hkd hnl ' +
  'htg huf idr ils inr irr jmd kes kgs khr kpw kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mru ' +
  'mur mvr mwk mxn mxv myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr ' +
  'sdg sek sgd shp sle sos srd ssp stn svc syp szl thb tjs tmt top try ttd twd tzs uah usd usn uyu uzs ved ' +
  'ves wst xad xcd xcg yer zar zmw zwg';

const exponents: ReadonlyMap<string, number> = new Map(
  (
    [
      [EXPONENT_0, 0],
      [EXPONENT_2, 2],
      [EXPONENT_3, 3],
      [EXPONENT_4, 4],
    ] as const
  ).flatMap(([codes, exponent]) => codes.split(' ').map((code) => [code, exponent] as const)),
);

/** Digits after the decimal point of an ISO 4217 code in lower case; `undefined` if it is not a currency. */
export function currencyExponent(currency: string): number | undefined {
  return exponents.get(currency);
}

/** Whether `currency` is the lower-case ISO 4217 code of a currency that payments can be made in. */
export function isCurrency(currency: string): boolean {
  return exponents.has(currency);
}

/**
 * `1050, 'usd'` → `10.50 USD`; no rounding, no floats.
 * @throws RangeError if the currency is not one of ISO 4217: an unchecked code got past the edge.
 */
export function formatMoney(amountMinor: number, currency: string): string {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) throw new RangeError(`formatMoney: "${currency}" is not an ISO 4217 currency`);
  const code = currency.toUpperCase();
  if (exponent === 0) return `${amountMinor} ${code}`;
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, '0');
  const sign = amountMinor < 0 ? '-' : '';
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)} ${code}`;
}
