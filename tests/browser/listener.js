// Runs before anything else in a page under test. It hears all that the page plays, whichever way it is
// played, and can speak into the page's microphone in place of the browser's fake one.
(() => {
  const TAP = `registerProcessor("tap", class extends AudioWorkletProcessor {
    constructor() { super(); this.block = new Float32Array(2400); this.filled = 0; }
    process([input]) {
      const channel = input[0];
      for (let n = 0; n < 128; n += 1) {
        this.block[this.filled++] = channel ? channel[n] : 0;
        if (this.filled === this.block.length) {
          this.port.postMessage(this.block.slice());
          this.filled = 0;
        }
      }
      return true;
    }
  });`;
  const taps = [];
  const connect = AudioNode.prototype.connect;

  /** A tap of one context: what reaches its loudspeaker, as blocks of samples. */
  function tapOf(context) {
    let tap = taps.find((each) => each.context === context);
    if (tap) return tap;
    const mixer = new GainNode(context);
    tap = { context, mixer, blocks: [], samples: 0 };
    taps.push(tap);
    const module = URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }));
    tap.ready = context.audioWorklet.addModule(module).then(() => {
      const node = new AudioWorkletNode(context, "tap", { outputChannelCount: [1], channelCount: 1, channelCountMode: "explicit" });
      node.port.onmessage = ({ data }) => { tap.blocks.push(data); tap.samples += data.length; };
      connect.call(mixer, node);
      connect.call(connect.call(node, new GainNode(context, { gain: 0 })), context.destination); // else nobody pulls it
    });
    return tap;
  }

  AudioNode.prototype.connect = function (target, ...more) {
    if (target instanceof AudioDestinationNode && target.context instanceof AudioContext) {
      connect.call(this, tapOf(target.context).mixer);
    }
    return connect.call(this, target, ...more);
  };

  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    ...source,
    set(stream) {
      source.set.call(this, stream);
      if (stream?.getAudioTracks().length && !this.muted && !this.srcObjectOfTest) {
        const context = new AudioContext();
        connect.call(new MediaStreamAudioSourceNode(context, { mediaStream: stream }), tapOf(context).mixer);
      }
    },
  });

  let microphone = null;
  window.listener = {
    /** What was played, all contexts mixed at the rate of the first, from `since` seconds on. */
    heard(since) {
      const rate = taps[0]?.context.sampleRate ?? 24000;
      const whole = taps.filter((tap) => tap.context.sampleRate === rate).map((tap) => {
        const joined = new Float32Array(tap.samples);
        let at = 0;
        for (const block of tap.blocks) { joined.set(block, at); at += block.length; }
        return joined;
      });
      const from = Math.round(since * rate);
      const length = Math.max(0, ...whole.map((each) => each.length - from));
      const mixed = new Float32Array(length);
      for (const each of whole) for (let n = from; n < each.length; n += 1) mixed[n - from] += each[n];
      const bytes = new Uint8Array(mixed.buffer);
      let text = "";
      for (let n = 0; n < bytes.length; n += 32768) text += String.fromCharCode(...bytes.subarray(n, n + 32768));
      return { samples: btoa(text), rate };
    },

    /** Seconds heard so far, and how loud the last tenth of a second was, as root mean square. */
    now() {
      const tap = taps.reduce((most, each) => (each.samples > (most?.samples ?? -1) ? each : most), null);
      if (!tap) return { seconds: 0, level: 0 };
      const last = tap.blocks.slice(-2).flatMap((block) => [...block]);
      const level = Math.sqrt(last.reduce((sum, each) => sum + each * each, 0) / Math.max(1, last.length));
      return { seconds: tap.samples / tap.context.sampleRate, level };
    },

    /** From now on the page's microphone is silent until `speak` is called. */
    takeMicrophone() {
      const context = new AudioContext({ sampleRate: 16000 });
      const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
      const floor = new ConstantSourceNode(context, { offset: 0 });
      connect.call(floor, out);
      floor.start();
      microphone = { context, out };
      navigator.mediaDevices.getUserMedia = async () => out.stream.clone();
    },

    /** Speak 16 kHz samples, base64 of float32, into the microphone; resolves when they were said. */
    async speak(samples) {
      await microphone.context.resume();
      const bytes = Uint8Array.from(atob(samples), (letter) => letter.charCodeAt(0));
      const values = new Float32Array(bytes.buffer);
      const buffer = new AudioBuffer({ length: values.length, sampleRate: 16000, numberOfChannels: 1 });
      buffer.copyToChannel(values, 0);
      const node = new AudioBufferSourceNode(microphone.context, { buffer });
      connect.call(node, microphone.out);
      const said = new Promise((resolve) => { node.onended = resolve; });
      node.start();
      await said;
    },
  };
})();
