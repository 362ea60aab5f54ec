import preset from "../../jest.preset.js";

export default {
  ...preset,
  testMatch: ["<rootDir>/e2e/**/*.e2e.ts"],
  // Most of a file's time goes by waiting for intervals and time-outs.
  maxWorkers: 2,
  // A test that failed may leave a process behind; waiting for it for ever would tell nobody.
  forceExit: true,
};
