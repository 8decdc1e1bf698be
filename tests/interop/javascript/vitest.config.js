import dailyTelephony from "daily-telephony-simulator/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [dailyTelephony()],
  esbuild: { jsx: "automatic" },
  test: {
    environment: "jsdom",
    maxWorkers: 2,
    minWorkers: 2,
    testTimeout: 40_000,
    hookTimeout: 40_000,
    include: ["vitest/**/*.test.{js,jsx}"],
  },
});
