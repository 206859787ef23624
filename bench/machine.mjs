import { availableParallelism, cpus, platform, release } from 'node:os';

/** Returns a description of the machine that the figures are for. */
export function thisMachine() {
  const cores = availableParallelism();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: `Node ${process.versions.node}`,
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cores === 1 ? '1 core' : `${cores} cores`}`,
    system: `${platform()} ${release()}`,
  };
}
