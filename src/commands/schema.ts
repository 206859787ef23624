import schema from '../../schemas/connection.schema.json' with { type: 'json' };
import type { ExitCode } from '../core/diagnostic.ts';
import type { OutputFlags } from './flags.ts';
import type { World } from './world.ts';

/** Prints the schema that this version validates with. */
export async function printSchema({ format }: OutputFlags, world: World): Promise<ExitCode> {
  world.stdout.write(`${JSON.stringify(schema, null, format === 'ndjson' ? undefined : 2)}\n`);
  return 0;
}
