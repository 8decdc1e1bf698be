/**
 * How loud this client and the others are, told at an interval as daily-js's audio level events. Somebody whom no
 * element plays aloud has level 0: browsers measure what they play.
 */
class LevelObservers {
  /**
   * @param {() => Promise<RTCStatsReport | undefined>} statistics of the connection, while there is one
   * @param {() => Map<string, string>} speakers session ids by mid
   * @param {(event: {action: string, [field: string]: any}) => void} post an event for daily-js
   */
  constructor(statistics, speakers, post) {
    this.statistics = statistics;
    this.speakers = speakers;
    this.post = post;
    /** @type {Map<"local" | "remote", ReturnType<typeof setInterval>>} */
    this.timers = new Map();
  }

  /**
   * @param {"local" | "remote"} whose
   * @param {number} [interval] ms
   */
  start(whose, interval = 300) {
    this.stop(whose);
    const tell = whose === "local" ? this.tellLocal : this.tellRemote;
    this.timers.set(
      whose,
      setInterval(() => void tell.call(this), interval),
    );
  }

  /** @param {"local" | "remote"} whose */
  stop(whose) {
    clearInterval(this.timers.get(whose));
    this.timers.delete(whose);
  }

  async tellLocal() {
    const mine = (await this.reports()).find((one) => one.type === "media-source" && one.kind === "audio");
    if (this.timers.has("local")) this.post({ action: "local-audio-level", audioLevel: mine?.audioLevel ?? 0 });
  }

  async tellRemote() {
    const speakers = this.speakers();
    const heard = (await this.reports()).filter((one) => one.type === "inbound-rtp" && speakers.has(one.mid));
    const participantsAudioLevel = Object.fromEntries(heard.map((one) => [speakers.get(one.mid), one.audioLevel ?? 0]));
    if (this.timers.has("remote")) this.post({ action: "remote-participants-audio-level", participantsAudioLevel });
  }

  /** @returns {Promise<any[]>} */
  async reports() {
    return [...((await this.statistics())?.values() ?? [])];
  }
}
