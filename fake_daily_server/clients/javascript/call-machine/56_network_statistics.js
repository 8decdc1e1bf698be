/** What getNetworkStats tells of a connection: rates since the question before, and the worst values so far. */
class NetworkStatistics {
  constructor() {
    /** @type {NetworkCounts | null} */
    this.before = null;
    /** @type {Record<string, number>} */
    this.worst = {};
    /** @type {number[]} seconds */
    this.roundTrips = [];
  }

  /**
   * @param {any[]} reports of getStats
   * @returns {Fields} `stats` of daily-js's DailyNetworkStats
   */
  take(reports) {
    const now = networkCounts(reports);
    const latest = networkRates(now, this.before);
    this.before = now;
    for (const name of WORST_OF) this.worst[name] = Math.max(this.worst[name] ?? 0, latest[name] ?? 0);
    if (now.roundTrip !== null) this.roundTrips.push(now.roundTrip);
    const sum = this.roundTrips.reduce((total, one) => total + one, 0);
    return {
      latest,
      ...Object.fromEntries(
        WORST_OF.map((name) => [`worst${name[0].toUpperCase()}${name.slice(1)}`, this.worst[name]]),
      ),
      averageNetworkRoundTripTime: this.roundTrips.length ? sum / this.roundTrips.length : 0,
    };
  }
}

const WORST_OF = ["video", "audio"].flatMap((kind) =>
  ["RecvPacketLoss", "SendPacketLoss", "RecvJitter", "SendJitter"].map((what) => kind + what),
);

/**
 * @param {any[]} reports
 * @returns {NetworkCounts}
 */
function networkCounts(reports) {
  const pair = reports.find((one) => one.type === "candidate-pair" && one.nominated);
  const of = (/** @type {string} */ type, /** @type {MediaKind} */ kind) => {
    const those = reports.filter((one) => one.type === type && one.kind === kind);
    const sum = (/** @type {string} */ name) => those.reduce((total, one) => total + (one[name] ?? 0), 0);
    return { sum, jitter: those.length ? Math.max(...those.map((one) => one.jitter ?? 0)) : null };
  };
  const counts = (/** @type {MediaKind} */ kind) => {
    const [received, sent, told] = [of("inbound-rtp", kind), of("outbound-rtp", kind), of("remote-inbound-rtp", kind)];
    return {
      recv: { bytes: received.sum("bytesReceived"), packets: received.sum("packetsReceived"), jitter: received.jitter },
      send: { bytes: sent.sum("bytesSent"), packets: sent.sum("packetsSent"), jitter: told.jitter },
      lost: { recv: received.sum("packetsLost"), send: told.sum("packetsLost") },
    };
  };
  return {
    at: Date.now(),
    audio: counts("audio"),
    video: counts("video"),
    bitrate: pair?.availableOutgoingBitrate ?? null,
    roundTrip: pair?.currentRoundTripTime ?? null,
  };
}

/**
 * @param {NetworkCounts} now
 * @param {NetworkCounts | null} before
 * @returns {Fields}
 */
function networkRates(now, before) {
  const rates = /** @type {Fields} */ ({
    timestamp: now.at,
    availableOutgoingBitrate: now.bitrate,
    networkRoundTripTime: now.roundTrip,
  });
  for (const way of /** @type {const} */ (["recv", "send"])) {
    const name = way === "recv" ? "Recv" : "Send";
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const [after, then] = [now[kind][way], before?.[kind][way]];
      const seconds = before ? (now.at - before.at) / 1000 : 0;
      rates[`${kind}${name}BitsPerSecond`] = then && seconds ? ((after.bytes - then.bytes) * 8) / seconds : null;
      rates[`${kind}${name}PacketLoss`] = lossSince(now[kind], before?.[kind], way);
      rates[`${kind}${name}Jitter`] = after.jitter;
    }
    const [audio, video] = [rates[`audio${name}BitsPerSecond`], rates[`video${name}BitsPerSecond`]];
    rates[`${way}BitsPerSecond`] = audio === null ? null : audio + video;
    rates[`total${name}PacketLoss`] = Math.max(
      rates[`audio${name}PacketLoss`] ?? 0,
      rates[`video${name}PacketLoss`] ?? 0,
    );
  }
  return rates;
}

/**
 * @param {KindCounts} now
 * @param {KindCounts | undefined} before
 * @param {"recv" | "send"} way
 * @returns {number | null} the share of packets that were lost
 */
function lossSince(now, before, way) {
  if (!before) return null;
  const lost = Math.max(0, now.lost[way] - before.lost[way]);
  const all = now[way].packets - before[way].packets + (way === "recv" ? lost : 0);
  return all > 0 ? lost / all : 0;
}
