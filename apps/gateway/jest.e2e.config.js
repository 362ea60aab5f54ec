import preset from "../../jest.preset.js";

// A test that failed may leave a process behind; waiting for it for ever would tell nobody.
export default { ...preset, testMatch: ["<rootDir>/e2e/**/*.e2e.ts"], forceExit: true };
