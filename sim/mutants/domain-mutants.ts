import type { Mutant } from './mutant.ts';

/** Faults in what is decided. */
export const DOMAIN_MUTANTS: readonly Mutant[] = [
  {
    name: 'float-money',
    file: 'src/domain/derive.ts',
    find: 'amount_refundable: captured - claimed,',
    replace: 'amount_refundable: (captured * 0.01 - claimed * 0.01) * 100,',
    why: 'money goes through a float',
  },
  {
    name: 'refund-bound-off-by-one',
    file: 'src/domain/request-operation.ts',
    find: 'if (asked > refundable) {',
    replace: 'if (asked > refundable + 1) {',
    why: 'one minor unit more than was captured can be refunded',
  },
  {
    name: 'capture-above-authorized',
    file: 'src/domain/request-operation.ts',
    find: 'if (asked > payment.amount_capturable) {',
    replace: 'if (asked > payment.amount_capturable * 2) {',
    why: 'more is captured than was authorized',
  },
  {
    name: 'two-captures-at-once',
    file: 'src/domain/request-operation.ts',
    find: "if (inFlight(payment)) return refuse('operation_in_progress', IN_PROGRESS);",
    replace: '',
    why: 'a capture is taken while another one, or a cancel, is in flight',
  },
  {
    name: 'refund-while-unknown',
    file: 'src/domain/request-operation.ts',
    find: "if (payment.operations.some((operation) => operation.outcome === 'unknown')) {",
    replace: 'if (payment.operations.length > 90) {',
    why: 'a refund is taken while nobody knows what became of another one',
  },
  {
    name: 'failed-refund-counts',
    file: 'src/domain/derive.ts',
    find: "if (operation.kind !== 'refund' || operation.outcome === 'failed') continue;",
    replace: "if (operation.kind !== 'refund') continue;",
    why: 'what a failed refund asked for can never be refunded again',
  },
  {
    name: 'unknown-refund-does-not-count',
    file: 'src/domain/derive.ts',
    find: "if (operation.kind !== 'refund' || operation.outcome === 'failed') continue;",
    replace:
      "if (operation.kind !== 'refund' || operation.outcome === 'failed' || operation.outcome === 'unknown') continue;",
    why: 'a refund that timed out is taken for none, and the money can be refunded again',
  },
  {
    name: 'unknown-counts-as-failed',
    file: 'src/domain/record-result.ts',
    find: "case 'unknown':\n      return unanswered(payment, operation, by);",
    replace:
      "case 'unknown':\n      return settle(payment, failed(operation, pspFailure('timeout', 'No answer.'), null), by);",
    why: 'a time-out is a failure',
  },
  {
    name: 'settled-can-change',
    file: 'src/domain/record-result.ts',
    find: 'if (!operation || isSettled(operation)) return UNCHANGED;',
    replace: 'if (!operation) return UNCHANGED;',
    why: 'a second answer is written over the first',
  },
  {
    name: 'late-success-ignored',
    file: 'src/domain/record-result.ts',
    find: "if (result.outcome !== 'succeeded') return UNCHANGED;",
    replace: "if (result.outcome !== 'failed') return UNCHANGED;",
    why: 'money that a PSP took after its confirmed cancel is never given back',
  },
  {
    name: 'reversal-twice',
    file: 'src/domain/reverse-late-success.ts',
    find: "outcome: 'succeeded',",
    replace: 'outcome: operation.outcome,',
    why: 'the success that is reversed is not settled, so each look-up reverses it again',
  },
  {
    name: 'dispatch-not-cleared',
    file: 'src/domain/advance.ts',
    find: '    dispatch,\n    updated_at: at,',
    replace: '    dispatch: dispatch ?? payment.dispatch,\n    updated_at: at,',
    why: 'every later change sends the operation again',
  },
  {
    name: 'merchant-not-in-psp-key',
    file: 'src/domain/hashes.ts',
    find: "joined([mode(ref), ref.merchant_id, ref.payment_id, operationId]), 'hex')",
    replace: "joined([mode(ref), ref.payment_id, operationId]), 'hex')",
    why: 'two merchants who both have an order_1 share one charge',
  },
  {
    name: 'audit-without-previous-hash',
    file: 'src/domain/audit-chain.ts',
    find: "const own = hash('sha256', previousHash + body, 'hex');",
    replace: "const own = hash('sha256', body, 'hex');",
    why: 'records of the audit log do not hold on to each other',
  },
  {
    name: 'audit-tells-details',
    file: 'src/domain/audit-entry.ts',
    find: 'return { ...said, details_hash:',
    replace: 'return { ...said, ...{ description }, details_hash:',
    why: 'what a merchant wrote about a customer stands in a log that can never be deleted',
  },
  {
    name: 'hold-never-expires',
    file: 'src/domain/sweep-payment.ts',
    find: 'if (expiryMs !== null && expiryMs <= nowMs) expire(payment, nowMs, decision);',
    replace: '',
    why: 'an authorization that has run out stays authorized',
  },
];
