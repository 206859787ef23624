/** A line such as `::error file=a.yaml,line=3::It is wrong`. */
export interface WorkflowCommand {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/**
 * Returns the commands that a runner would see, in order. It ignores the ones between `::stop-commands::x` and
 * `::x::`.
 */
export function readCommands(stdout: string): readonly WorkflowCommand[] {
  const commands: WorkflowCommand[] = [];
  let resume: string | undefined;
  for (const line of stdout.split(/\r?\n/)) {
    const command = readCommand(line);
    if (command === undefined) continue;
    if (resume !== undefined) {
      if (command.command === resume) resume = undefined;
      continue;
    }
    if (command.command === 'stop-commands') resume = command.message;
    commands.push(command);
  }
  return commands;
}

function readCommand(line: string): WorkflowCommand | undefined {
  // The runner skips white space at the beginning of a line.
  const [, command, properties = '', message = ''] =
    /^\s*::([A-Za-z0-9_-]+)(?: ((?:(?!::).)*))?::(.*)$/.exec(line) ?? [];
  if (command === undefined) return undefined;
  const read = properties
    .split(',')
    .filter((property) => property.includes('='))
    .map((property) => {
      const equals = property.indexOf('=');
      return [property.slice(0, equals).trim(), unescapedProperty(property.slice(equals + 1))] as const;
    });
  return { command, properties: Object.fromEntries(read), message: unescaped(message) };
}

function unescaped(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

function unescapedProperty(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}
