import dailyTelephony from "daily-telephony-simulator/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [dailyTelephony()],
  test: {
    environment: "jsdom",
    include: ["vitest/**/*.test.js"],
  },
});
