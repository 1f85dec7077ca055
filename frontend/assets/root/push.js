// Shows what the push service brings while the app is closed. The text was sealed for this browser;
// a repeat carries the same tag and takes the place of what is shown.

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => {
  let told;
  try { told = event.data.json(); } catch { return; }
  const urgent = told.urgency === "urgent";
  event.waitUntil(self.registration.showNotification(told.title, {
    body: told.body, tag: told.key, icon: "/favicon.svg", requireInteraction: urgent,
    timestamp: Date.parse(told.at), data: { link: told.link },
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = new URL(event.notification.data.link, self.location.origin);
  if (link.origin === self.location.origin) event.waitUntil(self.clients.openWindow(link));
});

// The push service gave this browser another address: the server has to know.
self.addEventListener("pushsubscriptionchange", (event) => {
  const key = event.oldSubscription?.options.applicationServerKey;
  if (!key) return;
  event.waitUntil((async () => {
    const options = { userVisibleOnly: true, applicationServerKey: key };
    const subscription = event.newSubscription ?? await self.registration.pushManager.subscribe(options);
    await fetch("/api/v1/me/push", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(subscription),
    });
  })());
});
