import { chromiumArgs } from "daily-telephony-simulator/playwright";
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: process.env.PLAYWRIGHT_OUTPUT,
  reporter: "line",
  workers: 1,
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: [...chromiumArgs, "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"],
    },
  },
});
