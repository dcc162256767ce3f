// The page's half of page_audio.py, joined to the bundle of PageSession: one widget that does what it is told.

const TAP = `registerProcessor("tap", class extends AudioWorkletProcessor {
  process([mic, out]) {
    const peak = (input) => (input[0] ? input[0].reduce((most, x) => Math.max(most, Math.abs(x)), 0) : 0);
    this.port.postMessage([currentFrame, peak(mic), peak(out)]);
    return true;
  }
});`;

function render({ model }) {
  const told = [];
  const levels = [];
  const bench = { told, levels, comm: { sent: 0, trips: [] }, failed: "" };
  window.bench = bench;

  bench.start = async ({ codec }) => {
    const context = (bench.context = new AudioContext({ latencyHint: "interactive" }));
    const microphone = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    const hum = new ConstantSourceNode(context, { offset: 0 });
    hum.connect(microphone);
    hum.start();
    bench.microphone = microphone;
    bench.session = new PageSession({
      ways: [{ way: "direct", url: model.get("url") }],
      token: async () => model.get("token"),
      open: { assistant: "coffee", settings: {} },
      codec,
      context,
      on: (what, detail) => {
        if (what === "event" || what === "status") told.push({ what, detail });
      },
    });
    await bench.session.start(microphone.stream);
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([TAP], { type: "text/javascript" })));
    const tap = new AudioWorkletNode(context, "tap", { numberOfInputs: 2 });
    tap.port.onmessage = ({ data }) => levels.push(data);
    new MediaStreamAudioSourceNode(context, { mediaStream: microphone.stream }).connect(tap, 0, 0);
    bench.session.output.connect(tap, 0, 1);
    tap.connect(new GainNode(context, { gain: 0 })).connect(context.destination);
  };

  /** The same frames once more by the widget's comm: worklet -> page -> kernel. */
  bench.startComm = () => {
    const { context, comm } = bench;
    const capture = new AudioWorkletNode(context, "workbench-capture", { processorOptions: { rate: 16000 } });
    const channel = new MessageChannel();
    capture.port.postMessage({ port: channel.port1 }, [channel.port1]);
    new MediaStreamAudioSourceNode(context, { mediaStream: bench.microphone.stream }).connect(capture);
    capture.connect(new GainNode(context, { gain: 0 })).connect(context.destination);
    const zero = { at: Infinity };
    channel.port2.onmessage = ({ data: { frame, end } }) => {
      const device = end / context.sampleRate;
      zero.at = Math.min(zero.at, performance.now() / 1000 - device);
      const pcm = Int16Array.from(frame, (x) => 32767 * x);
      comm.sent += 1;
      model.send({ captured: zero.at + device, number: comm.sent }, undefined, [pcm.buffer]);
    };
    model.on("msg:custom", ({ pong, at }) => {
      const now = performance.now() / 1000;
      comm.trips.push({ trip: now - pong, offset: at - (now + pong) / 2 });
    });
    bench.pinging = setInterval(() => model.send({ ping: performance.now() / 1000 }), 500);
  };

  /** Keep the page's thread busy for a share of its time. */
  bench.busy = (share) => {
    clearInterval(bench.burning);
    if (share === 0) return;
    bench.burning = setInterval(() => {
      const end = performance.now() + 100 * share;
      while (performance.now() < end);
    }, 100);
  };

  /** Speak samples (base64 of float32 at 16 kHz); returns the context's time at which they begin. */
  bench.speak = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const values = new Float32Array(bytes.buffer);
    const buffer = new AudioBuffer({ length: values.length, sampleRate: 16000, numberOfChannels: 1 });
    buffer.copyToChannel(values, 0);
    const node = new AudioBufferSourceNode(bench.context, { buffer });
    node.connect(bench.microphone);
    node.start();
    return bench.context.currentTime;
  };

  bench.events = (type) => told.filter((one) => one.what === "event" && one.detail.type === type).map((one) => one.detail);
  const playback = ["playback-started", "playback-stopped"];
  bench.playing = () => told.findLast((one) => playback.includes(one.detail.type))?.detail.type === playback[0];
  bench.ready = true;
}

export default { render };
