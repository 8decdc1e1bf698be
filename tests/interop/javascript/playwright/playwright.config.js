import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: process.env.PLAYWRIGHT_OUTPUT,
  reporter: "line",
  workers: 1,
  use: {
    baseURL: process.env.PHONE_PAGE,
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"],
    },
  },
});
