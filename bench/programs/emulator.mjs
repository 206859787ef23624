// The emulator in a process of its own, so that server and client share no event loop. Its argument is the latency in
// milliseconds. Says its address first, then answers every message with what it saw; ends with its parent.
import { startEmulator } from '../../src/emulator/server.ts';

// Whole milliseconds, as Date.now() has them, are too coarse here.
const emulator = await startEmulator({ clock: () => performance.timeOrigin + performance.now() });
emulator.latencyMs = Number(process.argv[2]);

process.on('disconnect', () => process.exit());
process.on('message', () => {
  const posts = emulator.requests.filter(({ method }) => method === 'POST');
  process.send({
    requests: emulator.requests.length,
    created: posts.filter(({ status }) => status === 201).length,
    peak: emulator.peak,
    /** From the first create that came to the last one that was answered. */
    ms: Math.max(...posts.map(({ endedAt }) => endedAt)) - Math.min(...posts.map(({ startedAt }) => startedAt)),
  });
});
process.send({ url: emulator.url });
