import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { CLIENT_GOING_AWAY, FrameBoundary, SERVER_GOING_AWAY } from "../../src/downstream/websocket-frames.ts";

/** A frame as RFC 6455 §5.2 draws it, with `long` a length in more bytes than it needs. */
function frame(payload: number, masked: boolean, opcode = 1): Buffer {
  const mask = masked ? 0x80 : 0;
  const head = [0x80 | opcode];
  if (payload < 126) head.push(mask | payload);
  else if (payload < 65_536) head.push(mask | 126, payload >> 8, payload & 255);
  else head.push(mask | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (payload >> shift) & 255));
  return Buffer.concat([Buffer.from(head), Buffer.alloc((masked ? 4 : 0) + payload, 0xff)]);
}

const size = fc.oneof(fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536), fc.nat(300));
const frames = fc.array(fc.tuple(size, fc.boolean(), fc.nat(15)), { minLength: 1, maxLength: 6 });
const cuts = fc.array(fc.nat(), { maxLength: 12 });

test("however the bytes are split, it stands between frames exactly where a frame ends", () => {
  forAll(frames, cuts, (shapes, splits) => {
    const parts = shapes.map(([payload, masked, opcode]) => frame(payload, masked, opcode));
    const bytes = Buffer.concat(parts);
    const ends = new Set([0]);
    let at = 0;
    for (const part of parts) {
      at += part.length;
      ends.add(at);
    }
    const stops = [...new Set([...splits.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
    const boundary = new FrameBoundary();
    let from = 0;
    for (const stop of stops) {
      boundary.pass(bytes.subarray(from, stop));
      from = stop;
      expect(boundary.between).toBe(ends.has(stop));
    }
  });
});

test("byte by byte it is the same", () => {
  const boundary = new FrameBoundary();
  const bytes = Buffer.concat([frame(0, false), frame(3, true), frame(200, false)]);
  const between: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    boundary.pass(bytes.subarray(at, at + 1));
    if (boundary.between) between.push(at + 1);
  }
  expect(between).toEqual([2, 2 + 9, 2 + 9 + 204]);
});

test("a direction that has carried nothing stands between frames", () => {
  expect(new FrameBoundary().between).toBe(true);
});

test("the farewells are whole close frames of status 1001, masked towards a server only", () => {
  for (const farewell of [SERVER_GOING_AWAY, CLIENT_GOING_AWAY]) {
    const boundary = new FrameBoundary();
    boundary.pass(farewell);
    expect(boundary.between).toBe(true);
    expect(farewell[0]).toBe(0x88);
    expect(farewell.subarray(-2).readUInt16BE()).toBe(1001);
  }
  expect([SERVER_GOING_AWAY[1], CLIENT_GOING_AWAY[1]]).toEqual([0x02, 0x82]);
});
