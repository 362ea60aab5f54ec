import { fileURLToPath } from "node:url";

/** Jest for TypeScript as ES modules: Node itself strips the types, tsc checks them in `typecheck`. */
export default {
  testEnvironment: "node",
  // Generous, for tests that start processes on a machine that others use too; what waits longer hangs.
  testTimeout: 60_000,
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": fileURLToPath(new URL("./jest.transform.js", import.meta.url)) },
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  collectCoverageFrom: ["src/**/*.ts"],
  coverageProvider: "v8",
  coverageDirectory: "reports/coverage",
  coverageReporters: ["json-summary", "text-summary"],
};
