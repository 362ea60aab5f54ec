/** Who has something to do at the end of a turn of the event loop. */
export interface TurnEnd {
  turnEnds(): void;
}

/** In the order in which they asked. */
let due: TurnEnd[] = [];
let turn = 0;
let isAwaited = false;

/** The number of this turn, which is another one as soon as all have been told of its end. */
export function turnNow(): number {
  if (!isAwaited) {
    isAwaited = true;
    setImmediate(endTurn);
  }
  return turn;
}

/**
 * Tells `one` once this turn is over; who asks while they are told is told after the next. All share one task: a thousand pools, each
 * used by one request in a turn, would have node run as many tasks as there are requests.
 */
export function atTurnsEnd(one: TurnEnd): void {
  turnNow();
  due.push(one);
}

function endTurn(): void {
  const ending = due;
  due = [];
  for (const one of ending) tell(one);
  turn += 1;
  isAwaited = due.length > 0;
  if (isAwaited) setImmediate(endTurn);
}

/** A bug in what one of them does then leaves the others their turn; unhandled, so it is reported as bugs are. */
function tell(one: TurnEnd): void {
  try {
    one.turnEnds();
  } catch (error) {
    void Promise.reject(error);
  }
}
