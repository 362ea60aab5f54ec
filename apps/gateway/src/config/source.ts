import { isMap, isPair, isScalar, isSeq, type LineCounter, type Node, type Pair } from "yaml";
import type { Path } from "./path.ts";

/** What a user wrote, and where each part of it stands. */
export interface ConfigSource {
  raw: unknown;
  /** Where the place (or the nearest part of it that was written) stands, such as `headgate.config.yaml:12:15`. */
  locate(path: Path): string | undefined;
}

type Place = Node | Pair | null;

/** The node or pair below `node`, or undefined where it was not written. */
function step(node: unknown, key: string | number): Place | undefined {
  const value = isPair(node) ? node.value : node;
  if (isSeq(value) && typeof key === "number") return value.items[key] as Node | undefined;
  if (!isMap(value)) return undefined;
  return value.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function offsetOf(place: unknown): number | undefined {
  const node = isPair(place) ? place.key : place;
  return (node as Node | null)?.range?.[0];
}

/** Finds places in a parsed YAML document: the key where a key was written, else the value or its nearest parent. */
export function yamlLocator(contents: unknown, lines: LineCounter, name: string): ConfigSource["locate"] {
  return (path) => {
    let place: unknown = contents;
    let offset: number | undefined;
    for (const key of path) {
      place = step(place, key);
      if (place === undefined) break;
      offset = offsetOf(place) ?? offset;
    }
    if (offset === undefined) return name;
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
}
