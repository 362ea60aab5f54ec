import { fileURLToPath } from "node:url";

/** Jest for TypeScript as ES modules: Node itself strips the types, tsc checks them in `typecheck`. */
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": fileURLToPath(new URL("./jest.transform.js", import.meta.url)) },
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  collectCoverageFrom: ["src/**/*.ts"],
  coverageProvider: "v8",
  coverageDirectory: "reports/coverage",
  coverageReporters: ["json-summary", "text-summary"],
};
