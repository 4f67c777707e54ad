import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Life, runCrashLoop } from './crash-loop.ts';

// The real server in its own process: `npm run crash -- --loops 50` does the same at length.
it('loses nothing that it acknowledged when it is killed at random moments under load', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-crash-'));
  const lives: Life[] = [];
  const report = await runCrashLoop({
    loops: 3,
    seed: 11,
    folder,
    mostAnswers: 200,
    onLoop: (life) => lives.push(life),
    onDrained: () => {},
  });
  expect(report.findings).toEqual([]);
  expect(lives).toHaveLength(3);
  expect(report.payments).toBeGreaterThan(0);
  expect(report.auditRecords).toBeGreaterThan(report.payments);
  rmSync(folder, { recursive: true });
});
