// The telephone's senses: where it is, a photo made small, a minute of voice.

import { newKey, putBlob } from "./store.js";

const LONGEST_SIDE = 1600;
const QUALITY = 0.82;
const LOCATE_MS = 15000;
const VOICE_BITS = 32000;
const VOICES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

export function locate() {
  return new Promise((done) => {
    const told = (value) => done(JSON.stringify(value));
    if (!navigator.geolocation || !isSecureContext) return told({ error: "insecure" });
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => told({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }),
      ({ code }) => told({ error: { 1: "denied", 2: "unavailable", 3: "timeout" }[code] ?? "unavailable" }),
      { enableHighAccuracy: true, timeout: LOCATE_MS, maximumAge: 30000 },
    );
  });
}

// Drawn anew, a photo holds its pixels and nothing of what the camera wrote beside them.
export async function keepPhoto(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob) throw new Error("no picture");
  return kept(blob, "photo", 0);
}

async function kept(blob, kind, secs) {
  const id = newKey();
  await putBlob(id, blob);
  return JSON.stringify({ id, kind, secs, bytes: blob.size, url: URL.createObjectURL(blob) });
}

let recording;
// Records until `stopVoice` or the limit; `onDone` gets what was kept, or nothing.
export async function startVoice(limitSecs, onDone) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = VOICES.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: VOICE_BITS });
  const parts = [];
  const began = performance.now();
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.onstop = async () => {
    clearTimeout(recording?.timer);
    recording = null;
    for (const track of stream.getTracks()) track.stop();
    const blob = new Blob(parts, { type: recorder.mimeType });
    const secs = Math.round((performance.now() - began) / 1000);
    onDone(blob.size ? await kept(blob, "voice", Math.max(1, secs)) : null);
  };
  recorder.start();
  recording = { recorder, timer: setTimeout(stopVoice, limitSecs * 1000) };
}

export function stopVoice() {
  if (recording?.recorder.state === "recording") recording.recorder.stop();
}
