import { SingleBar } from "cli-progress";
import type { Progress } from "./load/recorder.ts";
import { formatCount } from "./report/format.ts";

/** Tells a person how far a run is. */
export interface ProgressLine {
  /** Called once a second. */
  update(progress: Progress): void;
  stop(): void;
}

const rest = ({ answered, failed }: Progress): string =>
  `${formatCount(answered)} answered, ${formatCount(failed)} failed`;

/** One line that is redrawn in place on a terminal, else a line each second. */
export function createProgress(stream: NodeJS.WriteStream, total: number): ProgressLine {
  if (!stream.isTTY) {
    let second = 0;
    return {
      update(progress) {
        second += 1;
        stream.write(`${second} s: ${formatCount(progress.sent)} of ${formatCount(total)} sent, ${rest(progress)}\n`);
      },
      stop: () => undefined,
    };
  }
  // It is drawn when there is news, not by a timer of its own; Ctrl-C is the run's business.
  const bar = new SingleBar({
    stream,
    format: "{bar} {percentage} % | {value} of {total} sent | {rest}",
    barsize: 24,
    noTTYOutput: false,
    gracefulExit: false,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total, 0, { rest: "connecting" });
  return {
    update: (progress) => bar.update(progress.sent, { rest: rest(progress) }),
    stop: () => bar.stop(),
  };
}
