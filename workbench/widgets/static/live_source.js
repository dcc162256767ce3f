/**
 * Where the caller's sound comes from: the ipywebrtc MediaStream that is the panel's child.
 *
 * A `CameraStream` is the microphone: it asks for permission when its stream is first wanted and keeps the answer,
 * so what it keeps is forgotten after a refusal, a stop and a change of device. An `AudioStream` plays a file: it
 * waits at its beginning until the session is live, so that no word of it is lost, and is played once.
 */

/** Milliseconds a source may take; a person may think about a permission for a minute. */
export const SOURCE_PATIENCE = 60_000;

/** What a microphone is asked for, with the device chosen. @param {object} wished the child's constraints @param {string} device */
export function microphoneConstraints(wished, device) {
  const audio = typeof wished?.audio === "object" && wished.audio !== null ? { ...wished.audio } : {};
  if (device) audio.deviceId = { exact: device };
  return { audio: Object.keys(audio).length ? audio : true, video: false };
}

/** Microphones as a picker shows them; none before there is permission, as they have no names then. @param {MediaDeviceInfo[]} found */
export function microphonesOf(found) {
  return found
    .filter((device) => device.kind === "audioinput" && device.label)
    .map((device) => ({ id: device.deviceId, label: device.label }));
}

/** One panel's source. */
export class LiveSource {
  /** @param {object} model the panel's model @param {() => void} lost called when the sound ends by itself */
  constructor(model, lost) {
    this.model = model;
    this.lost = lost;
    this.stream = null;
  }

  /** The child's model; raises `{reason: "no-source"}`. */
  async child() {
    const reference = String(this.model.get("source") ?? "");
    try {
      return await this.model.widget_manager.get_model(reference.replace(/^IPY_MODEL_/, ""));
    } catch {
      throw { reason: "no-source" };
    }
  }

  /** Whether the sound comes from a microphone. */
  async isMicrophone() {
    return (await this.child()).get("_model_name") === "CameraStreamModel";
  }

  /**
   * The stream, from `device` where there is a choice.
   * @param {string} device
   * @returns {Promise<MediaStream>} rejects with a `DOMException` or `{reason}`
   */
  async open(device) {
    const child = await this.child();
    const microphone = child.get("_model_name") === "CameraStreamModel";
    if (microphone) {
      this.release();
      child.cameraStream = undefined;
      child.set("constraints", microphoneConstraints(child.get("constraints"), device));
      child.save_changes?.();
    } else freshen(child);
    const stream = await limited(captured(child), SOURCE_PATIENCE).catch((error) => {
      if (microphone) child.cameraStream = undefined;
      throw error;
    });
    if (!stream?.getAudioTracks().length) throw { reason: "bad-source" };
    this.media = child.media ?? null;
    if (this.media) {
      this.media.pause();
      this.media.loop = false; // ipywidgets' sound begins anew at its end: a caller who interrupts the answer with the question
      this.media.currentTime = 0;
    }
    this.stream = stream;
    if (microphone) stream.getAudioTracks()[0].addEventListener("ended", this.lost);
    this.microphone = microphone;
    return stream;
  }

  /** The session is live: a file begins to play, once. */
  begin() {
    const { media } = this;
    this.media = null;
    if (media) media.play().catch(() => this.lost());
  }

  /** The device in use, or nothing. */
  device() {
    return this.microphone ? (this.stream?.getAudioTracks()[0]?.getSettings().deviceId ?? "") : "";
  }

  /** Let the device go. */
  release() {
    if (!this.stream || !this.microphone) return;
    for (const track of this.stream.getTracks()) {
      track.removeEventListener("ended", this.lost);
      track.stop();
    }
    this.stream = null;
  }
}

/**
 * Let a file's child make a new sound element, that stands still: one that has been played to its end gives silence, and
 * one that is paused while it starts complains.
 */
function freshen(child) {
  child.media?.pause();
  child.createView = undefined;
  child.set("playing", false, { silent: true });
}

async function captured(child) {
  return child.captureStream ? await child.captureStream() : await child.stream;
}

function limited(promise, milliseconds) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject({ reason: "bad-source" }), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
