/** Whether handlers say on stderr what went wrong in them: Python's `logging.raiseExceptions`. A program in production may not want it. */
let isOn = true;

export function getRaiseExceptions(): boolean {
  return isOn;
}

export function setRaiseExceptions(raise: boolean): void {
  isOn = raise;
}
