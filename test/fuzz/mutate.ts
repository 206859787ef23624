import type { Random } from '../hostile/random.ts';

/** Changes some bytes: flips, cuts, duplicates or moves them, or inserts one of a list of typical bytes. */
export function mutatedBytes(bytes: Buffer, favourites: readonly string[], random: Random): Buffer {
  let text = bytes;
  for (let times = 1 + random.below(4); times > 0; times -= 1) text = mutatedOnce(text, favourites, random);
  return text;
}

function mutatedOnce(bytes: Buffer, favourites: readonly string[], random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + random.below(random.chance(0.2) ? bytes.length + 1 : 12));
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, piece, piece, after]);
    case 2:
      return Buffer.concat([before, Buffer.from(random.pick(favourites)), after]);
    case 3:
      return Buffer.concat([before, Buffer.from(random.pick(favourites)), piece, after]);
    case 4:
      return Buffer.concat([after, before, piece]);
    default: {
      const flipped = Buffer.from(bytes);
      const place = Math.min(at, flipped.length - 1);
      if (place >= 0) flipped[place] = (flipped[place] ?? 0) ^ (1 << random.below(8));
      return flipped;
    }
  }
}
