import { randomUUID } from 'node:crypto';

/** Prints with workflow commands switched off: a line of a manifest or of Datadog is never one, whatever it begins with. */
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
