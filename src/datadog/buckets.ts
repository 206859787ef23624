import { RateLimitBucket } from './bucket.ts';
import { VALIDATE } from '../core/wire/endpoints.ts';
import type { HttpRequest } from './transport.ts';

/**
 * Maps requests to rate-limit buckets. Requests of one kind share a bucket; a kind is the method and the purpose of
 * the path, whatever the entity or id. Before the first response of its kind, a request uses the bucket that was
 * reported last, or an unnamed one; once the response names another bucket, the requests in flight move to it. The
 * path that checks the API key has a limit of its own.
 */
export class RateLimitBuckets {
  readonly #byName = new Map<string, RateLimitBucket>();
  readonly #byKind = new Map<string, { bucket: RateLimitBucket; underWay: number }>();
  readonly #ofKey = new RateLimitBucket();
  #newest = new RateLimitBucket();

  of(request: HttpRequest): RateLimitBucket {
    return this.#byKind.get(kindOf(request))?.bucket ?? (request.path === VALIDATE.path ? this.#ofKey : this.#newest);
  }

  sent(request: HttpRequest, now: number): void {
    const kind = this.#kind(request);
    kind.underWay += 1;
    kind.bucket.sent(now);
  }

  /** Records that a request in flight has ended, with any result. */
  ended(request: HttpRequest): void {
    const kind = this.#kind(request);
    kind.underWay -= 1;
    kind.bucket.ended();
  }

  /** Returns the bucket that a response names, or the request's current bucket if it names none. */
  named(name: string | undefined, request: HttpRequest): RateLimitBucket {
    const kind = this.#kind(request);
    if (name === undefined) return kind.bucket;
    const bucket = this.#byName.get(name) ?? new RateLimitBucket(name);
    this.#byName.set(name, bucket);
    if (bucket !== kind.bucket) {
      bucket.takeOver(kind.underWay, kind.bucket);
      kind.bucket = bucket;
    }
    if (request.path !== VALIDATE.path) this.#newest = bucket;
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

// Returns a request's kind: the method and the two segments after the entity, such as `mapping/connection` in
// `/api/v2/product-analytics/{entity}/mapping/connection/{id}`.
function kindOf({ method, path }: HttpRequest): string {
  return path === VALIDATE.path ? path : `${method} ${path.split('/').slice(5, 7).join('/')}`;
}
