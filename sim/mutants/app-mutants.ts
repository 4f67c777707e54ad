import type { Mutant } from './mutant.ts';

/** Faults in what is done, and in which order. */
export const APP_MUTANTS: readonly Mutant[] = [
  {
    name: 'answer-before-commit',
    file: 'src/app/accept-payment.ts',
    find: 'const written = await store.create(payment);',
    replace:
      'store.create(payment).catch(() => undefined); const written = { created: true, existing: payment } as const;',
    why: 'the merchant is told 201 before the payment is durable',
  },
  {
    name: 'operation-answered-before-commit',
    file: 'src/app/change-payment.ts',
    find: 'if (await store.update(choice.write)) return choice.answer;',
    replace: 'store.update(choice.write).catch(() => undefined); return choice.answer;',
    why: 'a capture, cancel or refund is promised before it is durable',
  },
  {
    name: 'lost-write-counts',
    file: 'src/app/change-payment.ts',
    find: 'if (await store.update(choice.write)) return choice.answer;',
    replace: 'await store.update(choice.write); return choice.answer;',
    why: 'a compare-and-set that was lost is taken for a win',
  },
  {
    name: 'idempotency-ignores-body',
    file: 'src/app/accept-payment.ts',
    find: 'if (written.existing.request_hash === payment.request_hash)',
    replace: 'if (written.existing.payment_id === payment.payment_id)',
    why: 'another request with the same id is answered as if it were the first',
  },
  {
    name: 'idempotency-key-forgotten',
    file: 'src/app/request-operation.ts',
    find: '(key_hash !== null && operation.key_hash === key_hash) || operation.id === operationId;',
    replace: 'operation.id === operationId;',
    why: 'a capture or refund that is repeated with its key is another one',
  },
  {
    name: 'attempt-in-psp-key',
    file: 'src/app/psp-request.ts',
    find: 'const key = pspIdempotencyKey(payment, operation.id);',
    replace: 'const key = pspIdempotencyKey(payment, operation.id + operation.attempts);',
    why: 'each attempt has a key of its own, and so each one charges',
  },
  {
    name: 'redelivery-charges-again',
    file: 'src/app/ask-psp.ts',
    find: 'withDeadline((signal) => connector.execute(pspRequest(payment, operation), signal));',
    replace:
      'withDeadline((signal) => { const asked = pspRequest(payment, operation); return connector.execute(' +
      'attempt > 1 ? { ...asked, idempotency_key: asked.original_key + operation.id } : asked, signal); });',
    why: 'what comes again is asked for under a new key',
  },
  {
    name: 'no-look-up-after-time-out',
    file: 'src/app/ask-psp.ts',
    find: "if (mayExecute && !again && !old && !knownToPsp && operation.outcome !== 'unknown') {",
    replace: 'if (mayExecute && !again && !old && !knownToPsp) {',
    why: 'what nobody knows the end of is asked for again at once',
  },
  {
    name: 'never-looks-up',
    file: 'src/app/ask-psp.ts',
    find: "if (mayExecute && !again && !old && !knownToPsp && operation.outcome !== 'unknown') {",
    replace: 'if (mayExecute) {',
    why: 'the PSP is asked to execute, whatever may have become of it before',
  },
  {
    name: 'given-up-without-look-up',
    file: 'src/app/ask-psp.ts',
    find: "const found = await find(payment, operation);\n      if (found !== 'not_found') return { result: found, lookup: true };",
    replace:
      "const found = mayExecute ? await find(payment, operation) : 'not_found';\n" +
      "      if (found !== 'not_found') return { result: found, lookup: true };",
    why: 'after the last attempt nobody asks whether the money has moved',
  },
  {
    name: 'no-cap-on-attempts',
    file: 'src/app/ask-psp.ts',
    find: 'const mayExecute = attempt <= maxAttempts(operation);',
    replace: 'const mayExecute = attempt <= 1_000 * maxAttempts(operation);',
    why: 'a PSP that is down is asked for ever',
  },
  {
    name: 'log-tells-description',
    file: 'src/app/ask-psp.ts',
    find: '{ payment_id, operation_id: operation.id, attempt, error: message },',
    replace:
      '{ payment_id, operation_id: operation.id, attempt, error: message, about: payment.description },',
    why: 'what a merchant wrote about a customer stands in the log',
  },
  {
    name: 'cancel-without-psp',
    file: 'src/app/work.ts',
    find: 'const { result, lookup } = await psp.ask(payment, operation, attempt, receiveCount > 1);',
    replace:
      "const { result, lookup } = operation.kind === 'cancel'\n" +
      "      ? { result: { outcome: 'succeeded', psp_reference: 'none' } as const, lookup: false }\n" +
      '      : await psp.ask(payment, operation, attempt, receiveCount > 1);',
    why: 'a payment is canceled before its PSP has confirmed it',
  },
  {
    name: 'acknowledged-before-recorded',
    file: 'src/app/work.ts',
    find: 'await see(delivery);\n    await queue.ack([delivery.receipt]);',
    replace: 'await queue.ack([delivery.receipt]);\n    await see(delivery);',
    why: 'a crash in the middle of it loses the message',
  },
  {
    name: 'relay-commits-before-it-sends',
    file: 'src/app/relay.ts',
    find: 'await handle(changes.map(({ payment }) => payment));\n      await feed.commit(RELAY, position);',
    replace:
      'await feed.commit(RELAY, position);\n      await handle(changes.map(({ payment }) => payment));',
    why: 'a crash between the two loses what was to be sent',
  },
  {
    name: 'audit-drops-what-fails',
    file: 'src/app/audit.ts',
    find: 'await log.append(',
    replace:
      'await ((...given: Parameters<AuditLog["append"]>) => log.append(...given).catch(() => undefined))(',
    why: 'changes that the audit log could not take are never written to it',
  },
  {
    name: 'sweep-never',
    file: 'src/app/sweep.ts',
    find: 'const page = await store.due(nowMs, cursor, SWEEP_BATCH);',
    replace: 'const page: { payments: Payment[]; cursor: null } = { payments: [], cursor: null };',
    why: 'what a queue or feed has lost stays lost',
  },
  {
    name: 'dead-letter-not-listed',
    file: 'src/app/sweep.ts',
    find: 'await queue.deadLetter(item(payment, operation),',
    replace: 'await ((..._letter: unknown[]) => Promise.resolve())(item(payment, operation),',
    why: 'what only a person can settle is shown to nobody',
  },
  {
    name: 'callback-is-believed',
    file: 'src/app/handle-callback.ts',
    find: 'const result = await psp.lookUp(payment, operation);',
    replace:
      "const result: PspResult = { outcome: 'succeeded', psp_reference: operation.psp_reference ?? 'none' };",
    why: 'a call-back counts as success, and the PSP is not asked',
  },
  {
    name: 'wait-answers-stale',
    file: 'src/app/await-outcome.ts',
    find: 'await timers.sleep(seconds * 1_000, sleepOver);\n        return await store.get(ref);',
    replace: 'await timers.sleep(seconds * 1_000, sleepOver);\n        return now;',
    why: 'who waits for the outcome is told how it stood before',
  },
  {
    name: 'list-skips-at-page-end',
    file: 'src/app/list-payments.ts',
    find: 'const last = payments.at(-1);',
    replace: 'const last = found.at(-1);',
    why: 'each page swallows the first payment of the next one',
  },
  {
    name: 'revoked-key-is-good',
    file: 'src/app/api-keys.ts',
    find: 'if (stored.revoked_at !== null) return null;',
    replace: '',
    why: 'a key that was revoked lets in',
  },
  {
    name: 'expired-key-is-good',
    file: 'src/app/api-keys.ts',
    find: 'if (stored.expires_at !== null && !(nowMs < Date.parse(stored.expires_at))) return null;',
    replace: '',
    why: 'a key that has expired lets in',
  },
];
