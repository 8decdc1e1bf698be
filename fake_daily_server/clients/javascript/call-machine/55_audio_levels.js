/**
 * Posts the audio levels of this client and of the others periodically, as daily-js's audio level events. Browsers
 * measure only audio that they play: a participant that no element plays has level 0.
 */
class AudioLevelObservers {
  /**
   * @param {() => Promise<RTCStatsReport | undefined>} statistics returns those of the connection, if there is one
   * @param {() => Map<string, string>} speakers returns the speakers' session ids, by mid
   * @param {(event: {action: string, [field: string]: any}) => void} post posts an event for daily-js
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
   * @param {number} [interval] in ms
   */
  start(whose, interval = 300) {
    this.stop(whose);
    const postLevel = whose === "local" ? () => this.postLocal() : () => this.postRemote();
    this.timers.set(
      whose,
      setInterval(() => void postLevel(), interval),
    );
  }

  /** @param {"local" | "remote"} whose */
  stop(whose) {
    clearInterval(this.timers.get(whose));
    this.timers.delete(whose);
  }

  async postLocal() {
    const source = (await this.reports()).find(({ type, kind }) => type === "media-source" && kind === "audio");
    if (this.timers.has("local")) this.post({ action: "local-audio-level", audioLevel: source?.audioLevel ?? 0 });
  }

  async postRemote() {
    const speakers = this.speakers();
    const inbound = (await this.reports()).filter(({ type, mid }) => type === "inbound-rtp" && speakers.has(mid));
    const levels = inbound.map(({ mid, audioLevel }) => [speakers.get(mid), audioLevel ?? 0]);
    if (!this.timers.has("remote")) return;
    this.post({ action: "remote-participants-audio-level", participantsAudioLevel: Object.fromEntries(levels) });
  }

  /** @returns {Promise<any[]>} */
  async reports() {
    return [...((await this.statistics())?.values() ?? [])];
  }
}
