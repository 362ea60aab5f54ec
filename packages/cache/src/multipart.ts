import { type ByteRange, contentRange } from "@headgate/http";

/** A multipart/byteranges body (RFC 9110 §14.6), in pieces, so that the ranges need no copy. */
export interface MultipartBody {
  readonly contentType: string;
  readonly pieces: readonly Buffer[];
  readonly length: number;
}

/** A boundary that is nowhere in the body. */
function findBoundary(body: Buffer, seed: number): string {
  let boundary = `headgate-${seed.toString(36)}`;
  while (body.includes(`--${boundary}`)) boundary += "x";
  return boundary;
}

/**
 * Cuts ranges out of a body.
 * @param partType Content-Type of each part, where the representation has one
 * @param seed any number, to make the boundary of
 */
export function multipartBody(
  body: Buffer,
  ranges: readonly ByteRange[],
  partType: string | undefined,
  seed: number,
): MultipartBody {
  const boundary = findBoundary(body, seed);
  const typeLine = partType === undefined ? "" : `Content-Type: ${partType}\r\n`;
  const pieces: Buffer[] = [];
  for (const range of ranges) {
    const rangeLine = `Content-Range: ${contentRange(range, body.length)}\r\n`;
    pieces.push(Buffer.from(`\r\n--${boundary}\r\n${typeLine}${rangeLine}\r\n`, "latin1"));
    pieces.push(body.subarray(range.first, range.last + 1));
  }
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`, "latin1"));
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return { contentType: `multipart/byteranges; boundary=${boundary}`, pieces, length };
}
