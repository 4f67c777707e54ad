import type { World } from './world.ts';

/** Minutes that a clock may be set wrong by: forward as well as backward. */
const MAX_SKEW_MS = 5 * 60_000;
const FULL_FOR_MS = [2_000, 60_000, 1_200_000];

/** How long the PSP may be out of reach: the longest outlasts the patience with what is unknown. */
const DOWN_FOR_MS = [20_000, 600_000, 5 * 3_600_000, 9 * 86_400_000];

/** What goes wrong as a whole: a machine's clock, the disk that all of them write to, the PSP. */
export function stir(world: World): void {
  jumpClocks(world);
  fillDisk(world);
  cutOffPsp(world);
}

function jumpClocks({ faults, engine, machines }: World): void {
  for (const kind of ['clockForward', 'clockBackward'] as const) {
    if (!faults.strikes(kind)) continue;
    const chance = faults.chance(kind);
    const machine = chance.pick(machines());
    const jumpMs = (kind === 'clockForward' ? 1 : -1) * chance.int(MAX_SKEW_MS);
    engine.plan(chance.int(1_000), machine.name, 'clock jumps', () => {
      if (!faults.ended)
        machine.skewMs = Math.max(-MAX_SKEW_MS, Math.min(MAX_SKEW_MS, machine.skewMs + jumpMs));
      return `now off by ${machine.skewMs} ms`;
    });
  }
}

function fillDisk(world: World): void {
  const { faults, engine } = world;
  if (world.diskIsFull || !faults.strikes('diskFull')) return;
  world.diskIsFull = true;
  const chance = faults.chance('diskFull');
  engine.plan(chance.int(chance.pick(FULL_FOR_MS)), 'disk', 'has room again', () => {
    world.diskIsFull = false;
    return undefined;
  });
}

function cutOffPsp(world: World): void {
  const { faults, engine } = world;
  if (world.psp !== 'up' || !faults.strikes('pspDown')) return;
  const chance = faults.chance('pspDown');
  world.psp = chance.pick(['refuses', 'silent', 'silent']);
  const longestMs = chance.pick(DOWN_FOR_MS);
  const downMs = chance.between(Math.floor(longestMs / 2), longestMs);
  world.pspBackMs = engine.nowMs() + downMs;
  engine.plan(downMs, 'psp', 'is there again', () => {
    world.psp = 'up';
    return undefined;
  });
}
