import type { TemplateReading } from '../template/facts.ts';
import { CHOICES, type Choice, type Costed } from './choices.ts';
import type { CostOptions, Profile } from './options.ts';
import { type Deployed, deployed, type Inputs } from './systems.ts';
import { UnusableError } from './unusable-error.ts';

/** One deployment that is asked about. */
export interface Asked {
  readonly profile: Profile;
  /** As given by `-c key=value`. */
  readonly context: Readonly<Record<string, string>>;
}

/** What reports are made of, so that tests can hand in their own. */
export interface Sources {
  /** @throws UnusableError if the region has no prices, or nothing is metered */
  readInputs(region: string): Inputs;
  /**
   * Synthesises all of these and reads their templates, in their order.
   * @throws UnusableError with what the stack says of settings that cannot be used
   */
  read(asked: readonly Asked[]): Promise<readonly TemplateReading[]>;
}

export interface Gathered {
  readonly inputs: Inputs;
  /** Tollgate, in each profile that was asked for. */
  readonly profiles: readonly Deployed[];
  /** In production; none if only the other profile was asked for. */
  readonly choices: readonly Costed[];
  /** Choices that do not go together with the settings that were given, and what the stack says of them. */
  readonly refused: readonly Refused[];
}

export interface Refused {
  readonly choice: string;
  readonly why: string;
}

/** Every template that is needed, each synthesised once. */
export async function gather(
  { region, profiles, context }: Pick<CostOptions, 'region' | 'profiles' | 'context'>,
  sources: Sources,
): Promise<Gathered> {
  // Bad prices are said before the synthesis, which takes its time.
  const inputs = sources.readInputs(region);
  const given = { ...context, region };
  const own = profiles.map((profile) => ({ profile, context: given }));
  const choices = profiles.includes('prod') ? choicesWith(context) : [];
  const ofChoices = choices.map((choice) => ({
    profile: 'prod' as const,
    context: { ...given, ...choice.context },
  }));
  const { readings, refused } = await readOnce([...own, ...ofChoices], own.length, sources);
  const systems = profiles.map((profile, i) => deployed(profile, readings[i] as TemplateReading));
  return {
    inputs,
    profiles: systems,
    choices: choices.flatMap((choice, i) => {
      const reading = readings[own.length + i];
      return reading ? [{ choice, system: deployed(choice.name, reading) }] : [];
    }),
    refused: choices.flatMap(({ name }, i) => {
      const why = refused.get(own.length + i);
      return why === undefined ? [] : [{ choice: name, why }];
    }),
  };
}

/** The goals are for what the choices say and nothing else. */
function choicesWith(context: Asked['context']): readonly Choice[] {
  if (Object.keys(context).length === 0) return CHOICES;
  return CHOICES.map((choice) => {
    const asGiven = Object.keys(choice.context).length === 0;
    return { ...choice, name: asGiven ? 'prod, with these settings' : choice.name, goals: {} };
  });
}

interface Read {
  /** By the place of what was asked; nothing where it was refused. */
  readonly readings: readonly (TemplateReading | undefined)[];
  readonly refused: ReadonlyMap<number, string>;
}

/**
 * All in one go; where something is refused, one by one.
 * @param must so many of the first must not be refused
 */
async function readOnce(asked: readonly Asked[], must: number, sources: Sources): Promise<Read> {
  const keys = asked.map(({ profile, context }) =>
    JSON.stringify([profile, Object.entries(context).toSorted()]),
  );
  const distinct = asked.filter((_, i) => keys.indexOf(keys[i] as string) === i);
  const place = keys.map((key) => distinct.findIndex((one) => keys[asked.indexOf(one)] === key));
  try {
    const all = await sources.read(distinct);
    return { readings: place.map((at) => all[at]), refused: new Map() };
  } catch (error) {
    if (!(error instanceof UnusableError)) throw error;
  }
  const readings: (TemplateReading | undefined)[] = [...(await sources.read(asked.slice(0, must)))];
  const refused = new Map<number, string>();
  for (let i = must; i < asked.length; i += 1) {
    try {
      readings[i] = (await sources.read(asked.slice(i, i + 1)))[0];
    } catch (error) {
      if (!(error instanceof UnusableError)) throw error;
      refused.set(i, error.message);
    }
  }
  return { readings, refused };
}
