/** Something that will happen. Those of one time happen in the order in which they were planned. */
export interface PlannedEvent {
  atMs: number;
  sequence: number;
  /** Null once it was called off. */
  run: (() => string | undefined) | null;
  machine: string;
  what: string;
}

export interface EventHeap {
  push(event: PlannedEvent): void;
  /** The earliest, taken out; undefined if there is none. */
  pop(): PlannedEvent | undefined;
  readonly size: number;
}

function isBefore(one: PlannedEvent, other: PlannedEvent): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.sequence < other.sequence);
}

/** A binary heap. */
export function createEventHeap(): EventHeap {
  const heap: PlannedEvent[] = [];

  return {
    push(event) {
      let place = heap.length;
      heap.push(event);
      while (place > 0) {
        const parent = (place - 1) >> 1;
        const above = heap[parent] as PlannedEvent;
        if (!isBefore(event, above)) break;
        heap[place] = above;
        place = parent;
      }
      heap[place] = event;
    },

    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return first;
      let place = 0;
      for (;;) {
        let child = 2 * place + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1] as PlannedEvent, heap[child] as PlannedEvent))
          child += 1;
        if (!isBefore(heap[child] as PlannedEvent, last)) break;
        heap[place] = heap[child] as PlannedEvent;
        place = child;
      }
      heap[place] = last;
      return first;
    },

    get size() {
      return heap.length;
    },
  };
}
