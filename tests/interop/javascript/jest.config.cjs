module.exports = {
  testEnvironment: "jsdom",
  testMatch: ["<rootDir>/jest/**/*.test.cjs"],
  transform: {},
  testTimeout: 40_000,
  setupFiles: ["daily-telephony-simulator/setup"],
  globalSetup: "daily-telephony-simulator/global-setup",
  globalTeardown: "daily-telephony-simulator/global-teardown",
};
