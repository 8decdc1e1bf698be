import simulator from "./index.cjs";

export const { Daily, DailyHttpError, ExpectationFailed, Phone, PhoneCall, Room, expectEvent, startDaily, watch } = simulator;
