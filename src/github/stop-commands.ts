import { randomUUID } from 'node:crypto';

/**
 * Runs `work` while the runner ignores workflow commands, so that text from a manifest or from Datadog is never
 * executed as a command.
 */
export async function stopCommands<T>(
  print: (text: string) => void,
  work: (print: (text: string) => void) => Promise<T>,
): Promise<T> {
  const token = randomUUID();
  print(`::stop-commands::${token}\n`);
  let atStart = true;
  try {
    return await work((text) => {
      if (text !== '') atStart = text.endsWith('\n');
      print(text);
    });
  } finally {
    print(`${atStart ? '' : '\n'}::${token}::\n`);
  }
}
