import { z } from "zod";
import { count, size } from "./fields.ts";

interface Levels {
  readonly br: number;
  readonly zstd: number;
  readonly gzip: number;
}

/** The defaults are those that `pnpm bench:compression` finds, see docs/performance.md. */
function levels({ br, zstd, gzip }: Levels) {
  return z
    .strictObject({
      br: count(0, 11).prefault(br).describe("Brotli quality."),
      zstd: count(1, 19).prefault(zstd).describe("Zstandard level."),
      gzip: count(1, 9).prefault(gzip).describe("Level of gzip and deflate."),
    })
    .prefault({});
}

export const compression = z
  .strictObject({
    minimum: size()
      .prefault("1KiB")
      .describe("Smallest body that is compressed, where its length is known beforehand."),
    encodings: z
      .array(z.enum(["br", "zstd", "gzip", "deflate"]), { error: "a list of encodings" })
      .prefault(["br", "zstd", "gzip", "deflate"])
      .describe("Content codings on offer, the preferred one first where a client likes several equally."),
    levels: levels({ br: 3, zstd: 3, gzip: 3 }).describe(
      "Effort for what is compressed on its way from a backend: higher is smaller and slower.",
    ),
    stored: levels({ br: 5, zstd: 6, gzip: 5 }).describe(
      "Effort for stored responses, each of which is compressed once for all its hits. Not used where `memory` is 0.",
    ),
    memory: size()
      .prefault("16MiB")
      .describe(
        "Room for compressed forms of stored responses, so that each is compressed once and not at every hit; what it is made of counts too. 0 keeps none.",
      ),
  })
  .prefault({})
  .describe("Compression of responses on the way to the client.");
