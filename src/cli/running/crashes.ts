/**
 * Calls `report` with an uncaught exception, then ends the process with code 1, as Node does: what it was doing is
 * in an unknown state. Children notice that their parent has gone.
 */
export function catchCrashes(report: (error: unknown) => Promise<void>): { release(): void } {
  let isTelling = false;
  const crash = (error: unknown) => {
    if (isTelling) process.exit(1);
    isTelling = true;
    report(error).then(
      () => process.exit(1),
      () => process.exit(1),
    );
  };
  process.on('uncaughtException', crash);
  return { release: () => process.off('uncaughtException', crash) };
}
