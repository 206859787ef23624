// Runs the emulator in its own process, so that server and client don't share an event loop. The argument is the latency in
// milliseconds. Sends its URL first, then replies to each message with its statistics. Exits with its parent.
import { startEmulator } from '../../src/emulator/server.ts';

// Date.now() returns whole milliseconds, which is too coarse here.
const emulator = await startEmulator({ clock: () => performance.timeOrigin + performance.now() });
emulator.latencyMs = Number(process.argv[2]);

process.on('disconnect', () => process.exit());
process.on('message', () => {
  const posts = emulator.requests.filter(({ method }) => method === 'POST');
  process.send({
    requests: emulator.requests.length,
    created: posts.filter(({ status }) => status === 201).length,
    peak: emulator.peak,
    /** Time from the first create received to the last create answered. */
    ms: Math.max(...posts.map(({ endedAt }) => endedAt)) - Math.min(...posts.map(({ startedAt }) => startedAt)),
  });
});
process.send({ url: emulator.url });
