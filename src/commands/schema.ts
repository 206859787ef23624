import schema from '../../schemas/connection.schema.json' with { type: 'json' };
import type { ExitCode } from '../core/diagnostic.ts';
import type { World } from './world.ts';

/** Prints the schema that this version validates with. */
export async function printSchema(world: World): Promise<ExitCode> {
  world.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return 0;
}
