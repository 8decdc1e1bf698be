import simulator from "./index.cjs";

export const { Daily, DailyHttpError, Phone, PhoneCall, Room, expectEvent, startDaily, watch } = simulator;
