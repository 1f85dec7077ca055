// The only code that talks to the browser's push: whether it can, subscribing, letting go.

const WORKER = "/push.js";
// It controls no page: what else a worker may do here is others' matter.
const SCOPE = "/push/";

export const able = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

export const refused = () => able() && Notification.permission === "denied";

async function known() {
  const worker = await navigator.serviceWorker.getRegistration(SCOPE);
  return worker?.scope.endsWith(SCOPE) ? worker.pushManager.getSubscription() : null;
}

// Whether this browser takes notices now.
export const on = async () => able() && (await known()) !== null;

const active = (registration) => new Promise((done) => {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  const look = () => worker.state === "activated" && done();
  worker.addEventListener("statechange", look);
  look();
});

// Asks the reader and the browser's push service; answers what the server has to know, or "" when
// the reader said no.
export async function subscribe(key) {
  if ((await Notification.requestPermission()) !== "granted") return "";
  const registration = await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
  await active(registration);
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  return JSON.stringify(subscription);
}

export async function unsubscribe() {
  await (await known())?.unsubscribe();
}
