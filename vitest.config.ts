import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take many seconds: begun last, one of them would run on alone while the other cores have nothing to do. */
const LONG = [
  /aws\/end-to-end\.emulator/,
  /dynamo-payment-store\.emulator/,
  /infra\/stack-|worker-process/,
  /sim\/sim\.test|fuzz\.test/,
  /\.emulator\.|infra\/docs|overload|crash\.test|cli\/bin/,
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = LONG.findIndex((pattern) => pattern.test(moduleId));
      return found === -1 ? LONG.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'bench/**/*.test.ts',
      'test/**/*.test.ts',
      'infra/**/*.test.ts',
      'sim/**/*.test.ts',
      'cost/**/*.test.ts',
    ],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    // By default it leaves one core idle, which on a machine with two is half of them.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    // No test file leaves anything behind for the next: a process for each would only cost time.
    isolate: false,
    coverage: {
      provider: 'v8',
      include: ['src/domain/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.fixture.ts'],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
});
