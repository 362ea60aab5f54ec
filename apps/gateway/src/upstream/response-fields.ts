import { type FieldList, isHopByHop, splitList } from "@headgate/http";

/**
 * A backend's raw field lines without those that end at this hop: the fixed hop-by-hop set and whatever Connection
 * names (RFC 9110 §7.6.1).
 */
export function responseFields(raw: readonly Buffer[]): FieldList {
  const fields: FieldList = [];
  let connection: string | null = null;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as Buffer).latin1Slice();
    const lower = name.toLowerCase();
    if (!isHopByHop(lower)) fields.push(name, (raw[i + 1] as Buffer).latin1Slice());
    else if (lower === "connection") {
      const value = (raw[i + 1] as Buffer).latin1Slice();
      connection = connection === null ? value : `${connection}, ${value}`;
    }
  }
  return connection === null || isPlain(connection) ? fields : withoutListed(fields, connection);
}

function isPlain(connection: string): boolean {
  const lower = connection.toLowerCase();
  return lower === "keep-alive" || lower === "close";
}

function withoutListed(fields: FieldList, connection: string): FieldList {
  const listed = new Set(splitList(connection.toLowerCase()));
  const kept: FieldList = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!listed.has(name.toLowerCase()) || NEVER_LISTED.has(name.toLowerCase())) kept.push(name, fields[i + 1] as string);
  }
  return kept;
}

/** Fields that a Connection option must not take away: without them the message means something else. */
const NEVER_LISTED = new Set(["content-length", "content-type", "content-encoding", "cache-control", "set-cookie", "vary"]);
