import { RateLimitBucket } from './bucket.ts';
import { VALIDATE_PATH } from './paths.ts';
import type { HttpRequest } from './transport.ts';

/**
 * The buckets of the rate limit by their names, and which kind of request belongs to which. The kind is the method and what
 * the path is for; entities and ids share a bucket. Until one of its kind was answered, a request goes by the bucket that
 * was told last, and before that by one without a name; what is under way then moves with it. The key's own path has a
 * limit of its own.
 */
export class RateLimitBuckets {
  readonly #byName = new Map<string, RateLimitBucket>();
  readonly #byKind = new Map<string, { bucket: RateLimitBucket; underWay: number }>();
  readonly #ofKey = new RateLimitBucket();
  #newest = new RateLimitBucket();

  of(request: HttpRequest): RateLimitBucket {
    return this.#byKind.get(kindOf(request))?.bucket ?? (request.path === VALIDATE_PATH ? this.#ofKey : this.#newest);
  }

  sent(request: HttpRequest, now: number): void {
    const kind = this.#kind(request);
    kind.underWay += 1;
    kind.bucket.sent(now);
  }

  /** One that was under way has ended, however. */
  ended(request: HttpRequest): void {
    const kind = this.#kind(request);
    kind.underWay -= 1;
    kind.bucket.ended();
  }

  /** The bucket that an answer names; where it names none, the one that the request goes by. */
  named(name: string | undefined, request: HttpRequest): RateLimitBucket {
    const kind = this.#kind(request);
    if (name === undefined) return kind.bucket;
    const bucket = this.#byName.get(name) ?? new RateLimitBucket(name);
    this.#byName.set(name, bucket);
    if (bucket !== kind.bucket) {
      bucket.takeOver(kind.underWay, kind.bucket);
      kind.bucket = bucket;
    }
    if (request.path !== VALIDATE_PATH) this.#newest = bucket;
    return bucket;
  }

  #kind(request: HttpRequest): { bucket: RateLimitBucket; underWay: number } {
    const name = kindOf(request);
    const kind = this.#byKind.get(name) ?? { bucket: this.of(request), underWay: 0 };
    this.#byKind.set(name, kind);
    return kind;
  }

  all(): ReadonlySet<RateLimitBucket> {
    return new Set([...this.#byName.values(), this.#ofKey, this.#newest]);
  }
}

// /api/v2/product-analytics/{entity}/mapping/connection/{id}
function kindOf({ method, path }: HttpRequest): string {
  return path === VALIDATE_PATH ? path : `${method} ${path.split('/').slice(5, 7).join('/')}`;
}
