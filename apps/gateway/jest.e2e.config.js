import preset from "../../jest.preset.js";

export default { ...preset, testMatch: ["<rootDir>/e2e/**/*.e2e.ts"] };
