// What the workers of pages that open without a network share: a page and what it loads, nothing of
// the API. What waits to be sent is the page's own.

self.keepPage = (shell, page) => {
  self.addEventListener("install", (event) => event.waitUntil(refill().then(() => self.skipWaiting())));
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin) return;
    if (request.mode === "navigate" && pathname === page) event.respondWith(show(event));
    else if (pathname.startsWith("/assets/")) event.respondWith(asset(request));
  });

  async function show(event) {
    try {
      const answer = await fetch(event.request);
      if (answer.ok) event.waitUntil(refill(answer.clone()));
      return answer;
    } catch (why) {
      const kept = await (await caches.open(shell)).match(page);
      if (kept) return kept;
      throw why;
    }
  }

  async function asset(request) {
    const cache = await caches.open(shell);
    const kept = await cache.match(request.url, { ignoreVary: true });
    if (kept) return kept;
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request.url, answer.clone());
    return answer;
  }

  // Keeps the page and all it loads, and forgets what no page loads any more.
  async function refill(fresh) {
    const answer = fresh ?? (await fetch(page, { cache: "no-cache" }));
    if (!answer.ok) throw new Error(`${page}: ${answer.status}`);
    const cache = await caches.open(shell);
    const text = await answer.clone().text();
    const before = await cache.match(page);
    if (before && (await before.text()) === text) return;
    const found = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url]) => url);
    const wanted = new Set([...found, ...drawn(text)]);
    for (const url of found.filter((url) => /\.(js|css)$/.test(url))) {
      const body = await (await fetch(url)).text();
      // The pieces that a script imports, and the faces that a sheet names.
      for (const [, inner] of body.matchAll(/(?:from\s*['"]|url\(['"]?)(\.{0,2}\/[^'")]+\.(?:js|woff2))/g)) {
        wanted.add(new URL(inner, new URL(url, location.origin)).pathname);
      }
    }
    // Pieces import each other.
    for (const url of [...wanted].filter((url) => url.includes("/snippets/"))) {
      const body = await (await fetch(url)).text();
      for (const [, inner] of body.matchAll(/from\s*['"](\.\.?\/[^'"]+\.js)['"]/g)) {
        wanted.add(new URL(inner, new URL(url, location.origin)).pathname);
      }
    }
    const missing = [];
    for (const url of wanted) if (!(await cache.match(url))) missing.push(url);
    await cache.addAll(missing);
    await cache.put(page, answer);
    for (const { url } of await cache.keys()) {
      const { pathname } = new URL(url);
      if (pathname !== page && !wanted.has(pathname)) await cache.delete(url);
    }
  }

  // What draws the map, where the page asked for it.
  function drawn(text) {
    if (!self.keepsMap) return [];
    const named = text.match(/name="gridlamp-assets" content='([^']*)'/)?.[1] ?? "{}";
    const assets = JSON.parse(named.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&amp;", "&"));
    return ["maplibre", "maplibre_css", "maplibre_worker"].map((key) => assets[key]).filter(Boolean);
  }
};
