import { z } from "zod";
import { count, size } from "./fields.ts";

export const compression = z
  .strictObject({
    minimum: size()
      .prefault("1KiB")
      .describe("Smallest body that is compressed, where its length is known beforehand."),
    encodings: z
      .array(z.enum(["br", "zstd", "gzip", "deflate"]), { error: "a list of encodings" })
      .prefault(["br", "zstd", "gzip", "deflate"])
      .describe("Content codings on offer, the preferred one first where a client likes several equally."),
    levels: z
      .strictObject({
        br: count(0, 11).prefault(4).describe("Brotli quality."),
        zstd: count(1, 19).prefault(3).describe("Zstandard level."),
        gzip: count(1, 9).prefault(6).describe("Level of gzip and deflate."),
      })
      .prefault({})
      .describe("Effort of each coding: higher is smaller and slower."),
    memory: size()
      .prefault("16MiB")
      .describe(
        "Room for compressed forms of stored responses, so that each is compressed once and not at every hit; what it is made of counts too. 0 keeps none.",
      ),
  })
  .prefault({})
  .describe("Compression of responses on the way to the client.");
