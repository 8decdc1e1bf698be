/** Computes the statistics of getNetworkStats(): rates since the previous call, and the worst values so far. */
class NetworkStatistics {
  constructor() {
    /** @type {NetworkCounts | null} */
    this.previous = null;
    /** @type {Record<string, number>} */
    this.worst = {};
    /** @type {number[]} round-trip times in seconds */
    this.roundTrips = [];
  }

  /**
   * @param {any[]} reports the reports of getStats
   * @returns {Fields} the field `stats` of daily-js's DailyNetworkStats
   */
  update(reports) {
    const now = networkCounts(reports);
    const latest = networkRates(now, this.previous);
    this.previous = now;
    for (const name of WORST_OF) this.worst[name] = Math.max(this.worst[name] ?? 0, latest[name] ?? 0);
    if (now.roundTrip !== null) this.roundTrips.push(now.roundTrip);
    const sum = this.roundTrips.reduce((total, roundTrip) => total + roundTrip, 0);
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
 * @param {any[]} reports the reports of getStats
 * @returns {NetworkCounts}
 */
function networkCounts(reports) {
  const pair = reports.find(({ type, nominated }) => type === "candidate-pair" && nominated);
  return {
    at: Date.now(),
    audio: kindCounts(reports, "audio"),
    video: kindCounts(reports, "video"),
    bitrate: pair?.availableOutgoingBitrate ?? null,
    roundTrip: pair?.currentRoundTripTime ?? null,
  };
}

/**
 * @param {any[]} reports the reports of getStats
 * @param {MediaKind} kind
 * @returns {KindCounts}
 */
function kindCounts(reports, kind) {
  const totals = (/** @type {string} */ type) => {
    const matching = reports.filter((report) => report.type === type && report.kind === kind);
    const sum = (/** @type {string} */ name) => matching.reduce((total, report) => total + (report[name] ?? 0), 0);
    return { sum, jitter: matching.length ? Math.max(...matching.map(({ jitter }) => jitter ?? 0)) : null };
  };
  const [received, sent, reported] = [totals("inbound-rtp"), totals("outbound-rtp"), totals("remote-inbound-rtp")];
  return {
    recv: { bytes: received.sum("bytesReceived"), packets: received.sum("packetsReceived"), jitter: received.jitter },
    send: { bytes: sent.sum("bytesSent"), packets: sent.sum("packetsSent"), jitter: reported.jitter },
    lost: { recv: received.sum("packetsLost"), send: reported.sum("packetsLost") },
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
  for (const direction of /** @type {const} */ (["recv", "send"])) {
    const name = direction === "recv" ? "Recv" : "Send";
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const [after, then] = [now[kind][direction], before?.[kind][direction]];
      const seconds = before ? (now.at - before.at) / 1000 : 0;
      rates[`${kind}${name}BitsPerSecond`] = then && seconds ? ((after.bytes - then.bytes) * 8) / seconds : null;
      rates[`${kind}${name}PacketLoss`] = lossSince(now[kind], before?.[kind], direction);
      rates[`${kind}${name}Jitter`] = after.jitter;
    }
    const [audio, video] = [rates[`audio${name}BitsPerSecond`], rates[`video${name}BitsPerSecond`]];
    rates[`${direction}BitsPerSecond`] = audio === null ? null : audio + video;
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
 * @param {"recv" | "send"} direction
 * @returns {number | null} the packet loss, from 0 to 1; null if no packets were counted
 */
function lossSince(now, before, direction) {
  if (!before) return null;
  const lost = Math.max(0, now.lost[direction] - before.lost[direction]);
  const all = now[direction].packets - before[direction].packets + (direction === "recv" ? lost : 0);
  return all > 0 ? lost / all : 0;
}
