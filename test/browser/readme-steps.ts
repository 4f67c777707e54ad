export interface Step {
  /** The first line, to tell one from another. */
  title: string;
  commands: string;
  /** What the output must hold: the `# →` lines that follow the commands. */
  expected: string[];
}

/** The steps of every `sh` block that promises an output; the first block (install, start) is the caller's own. */
export function tourSteps(readme: string): Step[] {
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, text]) => text as string).slice(1);
  return blocks.flatMap(stepsOf);
}

function stepsOf(block: string): Step[] {
  const steps: Step[] = [];
  let commands: string[] = [];
  for (const line of block.trim().split('\n')) {
    const promise = /^# → (.*)$/.exec(line)?.[1];
    if (promise === undefined) {
      commands.push(line);
      continue;
    }
    if (commands.length > 0) {
      steps.push({
        title: (commands.at(-1) as string).slice(0, 80),
        commands: commands.join('\n'),
        expected: [],
      });
      commands = [];
    }
    steps.at(-1)?.expected.push(promise);
  }
  if (commands.length > 0) throw new Error(`README: these lines promise nothing:\n${commands.join('\n')}`);
  return steps;
}
