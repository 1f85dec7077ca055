// What a tablet in the field gives besides its store: where it is, all the time, and a screen that
// stays lit while it is needed.

let watched;
// Tells every position as JSON, or why there is none: denied, unavailable, insecure.
export function watchPlace(onPlace) {
  const told = (value) => onPlace(JSON.stringify(value));
  if (!navigator.geolocation || !isSecureContext) return told({ error: "insecure" });
  const fine = (n) => (Number.isFinite(n) ? n : null);
  watched = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => told({
      lon: coords.longitude, lat: coords.latitude, accuracy: fine(coords.accuracy),
      heading: fine(coords.heading), speed: fine(coords.speed), at_ms: timestamp,
    }),
    ({ code }) => told({ error: code === 1 ? "denied" : "unavailable" }),
    { enableHighAccuracy: true, maximumAge: 1000, timeout: 30000 },
  );
}

export function unwatchPlace() {
  if (watched !== undefined) navigator.geolocation.clearWatch(watched);
  watched = undefined;
}

let lock;
let lit = false;
// The browser lets go of the light whenever the page is hidden: it is asked for again.
async function light() {
  if (!lit || lock || document.visibilityState !== "visible" || !navigator.wakeLock) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => { lock = null; });
    if (!lit) lock.release();
  } catch {
    lock = null; // A battery that is nearly empty, or no permission: nothing depends on it.
  }
}
document.addEventListener("visibilitychange", light);

export function keepLit(wanted) {
  lit = wanted;
  if (wanted) light();
  else lock?.release();
}

let audio;
// Something new that somebody must look at: felt and heard, where the browser allows it.
export function attract() {
  navigator.vibrate?.([220, 120, 220]);
  try {
    audio ??= new AudioContext();
    if (audio.state !== "running") return;
    for (const [at, tone] of [[0, 880], [0.2, 660]]) {
      const voice = audio.createOscillator();
      const gain = audio.createGain();
      voice.frequency.value = tone;
      gain.gain.value = 0.2;
      voice.connect(gain).connect(audio.destination);
      voice.start(audio.currentTime + at);
      voice.stop(audio.currentTime + at + 0.16);
    }
  } catch { /* No sound here. */ }
}
document.addEventListener("pointerdown", () => {
  try {
    audio ??= new AudioContext();
    audio.resume();
  } catch { /* No sound here. */ }
}, { once: true });
