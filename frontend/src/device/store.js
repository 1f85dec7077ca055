// What a page keeps on this device (what waits to be sent, its photos), and how it is sent. What an
// answer means is decided by the caller. Each page has a store of its own.

let name = "gridlamp-report";
const open = () => new Promise((done, failed) => {
  const asked = indexedDB.open(name, 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("items");
    asked.result.createObjectStore("blobs");
  };
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => failed(asked.error);
});

let database;
// Names the store; before anything of it is used.
export function useStore(asked) {
  name = asked;
}
async function run(store, mode, work) {
  database ??= open();
  const made = (await database).transaction(store, mode);
  const asked = work(made.objectStore(store));
  return new Promise((done, failed) => {
    made.oncomplete = () => done(asked.result);
    made.onerror = made.onabort = () => failed(made.error);
  });
}

export const putItem = (key, json) => run("items", "readwrite", (all) => all.put(json, key));
export const dropItem = (key) => run("items", "readwrite", (all) => all.delete(key));
export const allItems = async () => `[${(await run("items", "readonly", (all) => all.getAll())).join(",")}]`;
export const putBlob = (id, blob) => run("blobs", "readwrite", (all) => all.put(blob, id));
export const dropBlob = (id) => run("blobs", "readwrite", (all) => all.delete(id));
export const getBlob = (id) => run("blobs", "readonly", (all) => all.get(id));

// 128 random bits; also where there is no secure context.
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

// Sends a text, or what is kept under an id; the answer as JSON. Status 0: nobody answered.
export async function post(url, language, key, text, blobId) {
  const headers = { "accept-language": language, "idempotency-key": key };
  let body = text;
  if (blobId) {
    body = await getBlob(blobId);
    headers["content-type"] = "application/octet-stream";
    if (!body) return JSON.stringify({ status: 410, body: "{}" });
  } else headers["content-type"] = "application/json";
  try {
    const answer = await fetch(url, { method: "POST", headers, body });
    const retry = Number(answer.headers.get("retry-after")) || null;
    return JSON.stringify({ status: answer.status, body: await answer.text(), retry });
  } catch {
    return JSON.stringify({ status: 0, body: "", retry: null });
  }
}


// The page at `at` opens without a network from then on, and can be installed where it brings a manifest.
export function keepShell(at, worker, manifest) {
  navigator.serviceWorker?.register(worker, { scope: at }).catch(console.warn);
  navigator.storage?.persist?.().catch(() => {});
  if (!manifest) return;
  const link = document.createElement("link");
  link.rel = "manifest";
  link.href = manifest;
  document.head.append(link);
}
