"use strict";

const { Daily, Room, startDaily } = require("./daily.cjs");
const { expectEvent, watch } = require("./expect_event.cjs");
const { DailyHttpError, ExpectationFailed } = require("./http.cjs");
const { Phone, PhoneCall } = require("./phone.cjs");

module.exports = { Daily, DailyHttpError, ExpectationFailed, Phone, PhoneCall, Room, expectEvent, startDaily, watch };
