import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Partition } from '../domain/payment.ts';

/** Merchants as they may be named: what stores, file names and addresses all take. */
const MERCHANT = /^[A-Za-z0-9_-]{1,64}$/;

export interface PartitionOptions {
  merchant: string;
  mode: 'test' | 'live';
}

export function parseMerchant(text: string): string {
  if (!MERCHANT.test(text)) throw new InvalidArgumentError('Use 1 to 64 of the characters A-Z a-z 0-9 _ -.');
  return text;
}

export function modeOption(): Option {
  return new Option('--mode <mode>', 'test or live; the two never meet').choices(['test', 'live']);
}

/** `--merchant` and `--mode`, which name where a payment lives. */
export function withPartition(command: Command): Command {
  return command
    .option('--merchant <id>', 'whose payment', parseMerchant, 'demo')
    .addOption(modeOption().default('test'));
}

export function partitionOf({ merchant, mode }: PartitionOptions): Partition {
  return { merchant_id: merchant, livemode: mode === 'live' };
}

/** A whole number, as the schemas want it; anything else goes to the schema as it is, which says what is wrong. */
export function wholeNumber(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** For options that may be given more than once: `--metadata a=1 --metadata b=2`. */
export function collectPair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Give it as name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
