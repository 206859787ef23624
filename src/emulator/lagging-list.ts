import { Store } from './store.ts';
import type { StoredConnection } from './wire.ts';

/** One change to an id. `now` has all connections with that id after the change. */
interface Change {
  readonly at: number;
  readonly entity: string;
  readonly id: string;
  readonly now: readonly StoredConnection[];
}

/** A delayed view of the connections. It receives changes as they happen and applies them later. */
export class LaggingList {
  readonly #shown: Store;
  readonly #lagMs: number;
  readonly #clock: () => number;
  #waiting: Change[] = [];

  /** Starts with the current state; only later changes are delayed. */
  constructor(store: Store, lagMs: number, clock: () => number) {
    this.#shown = new Store(store.everything());
    this.#lagMs = lagMs;
    this.#clock = clock;
  }

  note(entity: string, id: string, now: readonly StoredConnection[]): void {
    this.#waiting.push({ at: this.#clock(), entity, id, now });
  }

  list(entity: string): readonly StoredConnection[] {
    const due = this.#clock() - this.#lagMs;
    const firstHidden = this.#waiting.findIndex(({ at }) => at > due);
    const visible = firstHidden < 0 ? this.#waiting.splice(0) : this.#waiting.splice(0, firstHidden);
    for (const change of visible) this.#shown.set(change.entity, change.id, change.now);
    return this.#shown.list(entity);
  }
}
