import { readdirSync, readFileSync } from "node:fs";

/** What is read of `/proc/PID/stat`. */
export interface ProcessStat {
  readonly parent: number;
  /** User and system time in clock ticks, with that of children that have ended and were waited for. */
  readonly ticks: number;
}

/** A line of `/proc/PID/stat` (proc_pid_stat(5)); the command in brackets may hold anything, brackets and blanks too. */
export function parseStat(line: string): ProcessStat {
  const fields = line
    .slice(line.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [parent = 0] = fields.slice(1);
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
  return { parent, ticks };
}

/** A figure of `/proc/PID/status` in kB, such as VmHWM; 0 where there is none. */
export function parseStatusKb(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
}

/** Every process that descends from `root`, itself first. */
export function descendants(root: number, parents: ReadonlyMap<number, number>): readonly number[] {
  const found = [root];
  for (const one of found) {
    for (const [pid, parent] of parents) if (parent === one) found.push(pid);
  }
  return found;
}

/** "0-2,5" → [0, 1, 2, 5]. */
export function parseCpuList(text: string): readonly number[] {
  return text
    .trim()
    .split(",")
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, at) => first + at);
    });
}

/** What /proc holds of a process; undefined where that has ended. */
function readProc(pid: number | "self", file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return undefined;
  }
}

/** The process and all that descend from it, as they are now. */
export function processTree(root: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const line = /^\d+$/.test(name) ? readProc(Number(name), "stat") : undefined;
    if (line !== undefined) parents.set(Number(name), parseStat(line).parent);
  }
  return descendants(root, parents);
}

/** CPU time of a whole process tree since it began, in clock ticks. */
export function cpuTicks(root: number): number {
  return processTree(root).reduce((sum, pid) => {
    const line = readProc(pid, "stat");
    return line === undefined ? sum : sum + parseStat(line).ticks;
  }, 0);
}

/** Memory of a whole process tree in MiB: `VmRSS` now, `VmHWM` at its highest. Shared pages count in each process. */
export function memoryMb(root: number, name: "VmRSS" | "VmHWM"): number {
  return processTree(root).reduce((sum, pid) => sum + parseStatusKb(readProc(pid, "status") ?? "", name) / 1024, 0);
}

/** The CPUs that this process may use. */
export function allowedCpus(): readonly number[] {
  const list = /^Cpus_allowed_list:\s+(.*)$/m.exec(readProc("self", "status") ?? "")?.[1];
  return list === undefined ? [0] : parseCpuList(list);
}

/** How many files a process may have open at most. */
export function fileLimit(): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readProc("self", "limits") ?? "")?.[1];
  return hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard ?? 1024);
}
