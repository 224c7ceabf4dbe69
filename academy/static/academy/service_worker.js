// The academy's worker in a browser: static files from the device, pages from the network, and without a line the
// copies that the server allowed. docs/offline.md says what is kept, for whom and until when.
//
// The server writes self.ACADEMY in front of this: keeps, scope, files, digests, shell, withoutLine, language, signOut.
(() => {
  const ACADEMY = self.ACADEMY;
  const FILES = "academy.files";
  const STANDING = "academy.standing";
  const KEPT = "academy.kept.";
  // So many lessons at most; the oldest goes first.
  const MOST = 80;
  // An address with the digest of the content holds the same for ever.
  const DIGEST = /\.[0-9a-f]{12}\./;
  // What the server marks as never to be kept: a key, a form that cannot be sent.
  const NOT_KEPT = /<!-- not kept -->[\s\S]*?<!-- kept again -->/g;
  const MOMENT = "X-Kept-At";
  const UNTIL = "X-Kept-Until";
  const TITLE = "X-Kept-Title";
  const KIND = "X-Kept-Kind";
  const FOR = "X-Kept-For";

  // ---- whose device it is now

  // Each sign-out and each other person begins an era: an answer that was asked for in an earlier one does not say
  // whose device it is now, and is not kept.
  const nobody = { person: "", signedIn: false, language: ACADEMY.language, next: 0, era: 0 };
  let standing = null;
  // Sent away: it answers nothing more, until the last page that it served is gone.
  let left = !ACADEMY.keeps;

  function place(name) {
    return new URL(`${ACADEMY.scope}${name}`, self.location.origin).href;
  }
  // A worker is stopped and started as the browser likes: what it must know lies in the device.
  async function known() {
    if (!standing) {
      const found = await (await caches.open(STANDING)).match(place("standing"));
      standing = found ? await found.json() : nobody;
    }
    return standing;
  }
  async function remember(changes) {
    if (left) return;
    standing = Object.assign({}, await known(), changes);
    await (await caches.open(STANDING)).put(place("standing"), new Response(JSON.stringify(standing)));
  }
  async function eraseAllBut(wanted) {
    const names = await caches.keys();
    await Promise.all(
      names.filter((name) => name.startsWith(KEPT) && name !== wanted).map((name) => caches.delete(name)),
    );
  }
  async function eraseEverything() {
    await eraseAllBut("");
    await remember({ person: "", signedIn: false, next: 0, era: (await era()) + 1 });
  }
  async function era() {
    return (await known()).era || 0;
  }
  // Each page of the server says whose it is. Nobody signed in: what is kept stays shut until its person comes again.
  // Returns the era in which the page stands: the one in which it was asked for, or the one that it begins.
  async function learn(response, asked) {
    const said = response.headers.get("Academy-Person");
    if (!said || asked !== (await era())) return asked;
    const before = await known();
    const signedIn = said !== "-";
    const person = signedIn ? said : before.person;
    const language = response.headers.get("Content-Language") || before.language;
    const another = signedIn && person !== before.person;
    if (another) await eraseAllBut(KEPT + person);
    if (person !== before.person || signedIn !== before.signedIn || language !== before.language)
      await remember({ person: person, signedIn: signedIn, language: language });
    // Nobody before: the pages that were asked for on the way in are this person's own.
    if (another && before.person) await remember({ era: asked + 1 });
    const forget = response.headers.get("Academy-Forget");
    if (forget) await forgetBelow(forget);
    return era();
  }

  // ---- keeping

  function wish(response) {
    const said = /^(lesson|paper); seconds=(\d+)$/.exec(response.headers.get("Academy-Keep") || "");
    return said && response.status === 200 ? { kind: said[1], until: Date.now() + 1000 * Number(said[2]) } : null;
  }
  function own() {
    return standing?.person && standing.signedIn ? KEPT + standing.person : "";
  }
  async function keep(url, response, wanted) {
    const name = left ? "" : own();
    const whose = response.headers.get("Academy-Person");
    if (!name || whose === "-" || (whose && KEPT + whose !== name)) return;
    const cache = await caches.open(name);
    const text = (await response.text()).replace(NOT_KEPT, "");
    const title = /<title>([\s\S]*?)<\/title>/.exec(text);
    const headers = new Headers(response.headers);
    for (const one of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(one);
    headers.set(MOMENT, String(Date.now()));
    headers.set(UNTIL, String(wanted.until));
    headers.set(KIND, wanted.kind);
    headers.set(TITLE, encodeURIComponent(title ? title[1].trim() : ""));
    // A place of a paper stands behind the "?": one copy for all of them.
    await cache.put(url.origin + url.pathname, new Response(text, { status: 200, headers: headers }));
    await keepBeside(text, cache, url, wanted);
    // The person may have signed out while this was being written.
    if (own() !== name) await caches.delete(name);
    else await prune();
  }
  // Addresses in a page, or in pages that came as text.
  function addressesIn(text) {
    return Array.from(text.matchAll(/\s(?:src|href)=\\?"([^"\\]+)/g), (found) => found[1].replace(/&amp;/g, "&"));
  }
  // What the page shows and runs lies beside it, also where it came before the worker did. Files are everybody's; a
  // picture goes with the page for which it is kept.
  async function keepBeside(text, cache, page, wanted) {
    const files = await caches.open(FILES);
    for (const said of addressesIn(text)) {
      const url = new URL(said, self.location.origin);
      const isFile = url.pathname.startsWith(ACADEMY.files);
      const isPicture = /\.(?:png|jpe?g|gif|webp|svg)$/.test(url.pathname);
      if (url.origin !== self.location.origin || !(isFile || isPicture)) continue;
      if (isFile && (await files.match(url.href))) continue;
      try {
        const response = await fetch(url.href, { credentials: "same-origin" });
        if (!response.ok) continue;
        if (isFile) {
          await files.put(url.href, response);
          continue;
        }
        const headers = { [FOR]: page.pathname, [UNTIL]: String(wanted.until), [KIND]: "picture" };
        const type = response.headers.get("Content-Type");
        if (type) headers["Content-Type"] = type;
        await cache.put(url.href, new Response(await response.blob(), { status: 200, headers: headers }));
      } catch {
        /* the line went meanwhile: the page is kept without it */
      }
    }
  }
  async function forgetBelow(path) {
    const name = own();
    if (!name) return;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const page = (await cache.match(request)).headers.get(FOR) || new URL(request.url).pathname;
      if (page.startsWith(path)) await cache.delete(request);
    }
  }
  // What is past its end goes, and beyond the limit the oldest lessons.
  async function prune() {
    const name = own();
    if (!name) return;
    const cache = await caches.open(name);
    const lessons = [];
    let next = 0;
    for (const request of await cache.keys()) {
      const found = await cache.match(request);
      const until = Number(found.headers.get(UNTIL));
      if (until <= Date.now()) {
        await cache.delete(request);
        continue;
      }
      next = next ? Math.min(next, until) : until;
      if (found.headers.get(KIND) === "lesson")
        lessons.push({ request: request, at: Number(found.headers.get(MOMENT)) });
    }
    lessons.sort((one, other) => other.at - one.at);
    for (const old of lessons.slice(MOST)) await cache.delete(old.request);
    if (next !== standing.next) await remember({ next: next });
  }

  // ---- answering

  async function fromKept(url) {
    await known();
    const name = own();
    if (!name) return null;
    const cache = await caches.open(name);
    const address = url.origin + url.pathname;
    const found = await cache.match(address);
    if (!found) return null;
    const until = Number(found.headers.get(UNTIL));
    if (until && until <= Date.now()) {
      await cache.delete(address);
      return null;
    }
    return found;
  }
  // What the page itself cannot know stands at its root, for its style sheets and scripts.
  async function marked(found, mark) {
    const text = (await found.text()).replace("<html ", `<html ${mark} `);
    return new Response(text, { status: 200, headers: found.headers });
  }
  async function withoutLine(method) {
    const language = (await known()).language.toLowerCase();
    const address = ACADEMY.withoutLine[language] || ACADEMY.withoutLine[ACADEMY.language];
    const found = await (await caches.open(FILES)).match(new URL(address, self.location.origin).href);
    return found ? marked(found, `data-asked-by="${method}"`) : Response.error();
  }
  async function page(event, url) {
    const request = event.request;
    // Back to what a form answered, or to where that leads by now: nothing is sent again, the browser asks only its own
    // store. The page is read anew.
    const answered = request.method === "POST" && request.isHistoryNavigation;
    const back = answered || request.cache === "only-if-cached";
    const method = back ? "GET" : request.method;
    const leaves = method === "POST" && ACADEMY.signOut.includes(url.pathname);
    if (leaves) await eraseEverything();
    let asked = await era();
    let response;
    try {
      if (back) response = await fetch(url.href, { headers: { Accept: "text/html" }, redirect: "manual" });
      else response = (await event.preloadResponse) || (await fetch(request));
    } catch {
      const found = method === "GET" ? await fromKept(url) : null;
      // The copy says what it is and when it was kept.
      return found ? marked(found, `data-kept-at="${found.headers.get(MOMENT)}"`) : withoutLine(method);
    }
    // What was asked for while the sign-out was on its way may still be of the person who left.
    if (leaves) {
      await eraseEverything();
      asked = await era();
    }
    asked = await learn(response, asked);
    const wanted = method === "GET" && asked === (await era()) ? wish(response) : null;
    if (wanted) event.waitUntil(keep(url, response.clone(), wanted));
    else if (standing?.next && standing.next <= Date.now()) event.waitUntil(prune());
    return response;
  }
  // What a kept page asks for to stand whole, and says so.
  async function part(event, url) {
    const asked = await era();
    let response;
    try {
      response = await fetch(event.request);
    } catch (gone) {
      const found = await fromKept(url);
      if (found) return found;
      throw gone;
    }
    const wanted = asked === (await era()) ? wish(response) : null;
    if (wanted) event.waitUntil(keep(url, response.clone(), wanted));
    return response;
  }
  async function file(event, url) {
    const cache = await caches.open(FILES);
    const lasting = ACADEMY.digests && DIGEST.test(url.pathname);
    const held = await cache.match(url.href);
    if (held && lasting) return held;
    try {
      const response = await fetch(event.request);
      if (response.ok) event.waitUntil(cache.put(url.href, response.clone()));
      return response;
    } catch (gone) {
      if (held) return held;
      throw gone;
    }
  }
  async function picture(event, url) {
    try {
      return await fetch(event.request);
    } catch (gone) {
      const found = await fromKept(url);
      if (found) return found;
      throw gone;
    }
  }

  async function keepOpened(url) {
    let asked = await era();
    const response = await fetch(url.href, { credentials: "same-origin", redirect: "manual" });
    asked = await learn(response, asked);
    const wanted = asked === (await era()) ? wish(response) : null;
    if (wanted) await keep(url, response, wanted);
  }

  // ---- its own life

  async function layDown() {
    const cache = await caches.open(FILES);
    const pages = Object.values(ACADEMY.withoutLine);
    const wanted = ACADEMY.shell.concat(pages).map((address) => new URL(address, self.location.origin).href);
    for (const address of wanted) {
      const response = await fetch(address, { credentials: "omit", cache: "no-cache" });
      if (!response.ok) throw new Error(`${address} ${response.status}`);
      await cache.put(address, response);
    }
  }
  // Files of an older edition go, but for those that a kept page still stands on.
  async function clearFiles() {
    const wanted = new Set(
      ACADEMY.shell.concat(Object.values(ACADEMY.withoutLine)).map((one) => new URL(one, self.location.origin).href),
    );
    for (const name of (await caches.keys()).filter((one) => one.startsWith(KEPT))) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const found = await cache.match(request);
        if (found.headers.get(KIND) === "picture") continue;
        for (const said of addressesIn(await found.text())) wanted.add(new URL(said, self.location.origin).href);
      }
    }
    const cache = await caches.open(FILES);
    for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
  }
  async function leave() {
    left = true;
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("academy.")).map((name) => caches.delete(name)));
    const pages = await self.clients.matchAll({ includeUncontrolled: true });
    for (const one of pages) one.postMessage({ kind: "erase" });
    await self.registration.unregister();
  }

  self.addEventListener("install", (event) => {
    self.skipWaiting();
    if (ACADEMY.keeps) event.waitUntil(layDown());
  });
  self.addEventListener("activate", (event) => {
    if (!ACADEMY.keeps) {
      event.waitUntil(leave());
      return;
    }
    event.waitUntil(
      (async () => {
        await self.registration.navigationPreload?.enable();
        await self.clients.claim();
        await known();
        await prune();
        await clearFiles();
      })(),
    );
  });
  self.addEventListener("message", (event) => {
    if (left) return;
    if (event.data.kind === "leave") event.waitUntil(leave());
    if (event.data.kind === "erase") event.waitUntil(eraseEverything());
    // A page that was there before its worker asks to be kept as well.
    if (event.data.kind === "keep") {
      const url = new URL(event.data.address, self.location.origin);
      if (url.origin !== self.location.origin) return;
      event.waitUntil(
        keepOpened(url).catch(() => {
          /* no line: it is kept when it is opened again */
        }),
      );
    }
  });
  self.addEventListener("fetch", (event) => {
    const request = event.request;
    const url = new URL(request.url);
    if (left || url.origin !== self.location.origin || !url.pathname.startsWith(ACADEMY.scope)) return;
    if (request.mode === "navigate") event.respondWith(page(event, url));
    else if (request.method !== "GET" || request.headers.has("Range")) return;
    else if (url.pathname.startsWith(ACADEMY.files)) event.respondWith(file(event, url));
    else if (request.headers.has("X-Keep")) event.respondWith(part(event, url));
    else if (request.destination === "image") event.respondWith(picture(event, url));
  });
})();
