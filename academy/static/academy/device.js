// What every page does on its device: takes the worker on, says that the line is gone, erases what is another's.
(() => {
  const told = document.currentScript.dataset;
  const page = document.documentElement.dataset;
  // Copies of what the server knows, kept by scripts of upper floors: academy.kept.<person>. and then their own names,
  // each with the moment "until". What was typed and waits for the server has another name and outlives all of this.
  const KEPT = "academy.kept.";

  function erase(unwanted) {
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(KEPT) && unwanted(key)) localStorage.removeItem(key);
      }
    } catch {
      /* a closed store keeps nothing */
    }
  }
  function isOver(key) {
    try {
      return !(JSON.parse(localStorage.getItem(key)).until > Date.now());
    } catch {
      return true;
    }
  }
  // A copy of a page has its person, and the page without a line has nobody to speak of.
  if (!page.person && !page.askedBy) erase(() => true);
  else if (page.person) erase((key) => !key.startsWith(`${KEPT}${page.person}.`) || isOver(key));
  for (const one of document.querySelectorAll("[data-forget]")) erase((key) => key.endsWith(`.${one.dataset.forget}`));

  const container = navigator.serviceWorker;
  function tell(message) {
    container?.controller?.postMessage(message);
  }
  function eraseAll() {
    erase(() => true);
    tell({ kind: "erase" });
  }
  document.querySelector("[data-sign-out]")?.addEventListener("submit", eraseAll);
  container?.addEventListener("message", (event) => {
    if (event.data.kind === "erase") erase(() => true);
  });

  // Head office may switch it off: then the worker goes, and everything that it kept.
  if (container && told.worker) {
    const before = container.controller;
    container.register(told.worker, { scope: told.scope, updateViaCache: "all" }).catch(() => {
      /* without a worker everything is as it was: nothing is kept */
    });
    if (!before && document.querySelector("[data-kept-line]"))
      container.addEventListener("controllerchange", () => tell({ kind: "keep", address: location.href }), {
        once: true,
      });
  } else if (container && told.keeps === "off") {
    erase(() => true);
    takeLeave().catch(() => {
      /* its own next edition does the same */
    });
  }
  async function takeLeave() {
    tell({ kind: "leave" });
    for (const name of await caches.keys()) if (name.startsWith("academy.")) await caches.delete(name);
    await (await container.getRegistration(told.scope))?.unregister();
  }

  // A browser says "online" before the server can be reached: a copy, and the page without a line, ask for it.
  function lookForServer() {
    if (!navigator.onLine) return;
    fetch(`${told.scope}healthz`, { cache: "no-store" })
      .then((answer) => {
        if (answer.ok) document.dispatchEvent(new Event("academy:back"));
        else setTimeout(lookForServer, 5000);
      })
      .catch(() => {
        setTimeout(lookForServer, 5000);
      });
  }
  if (page.keptAt || page.askedBy) window.addEventListener("online", lookForServer);
  document.addEventListener("academy:back", () => {
    for (const one of document.querySelectorAll("[data-kept-gone]")) one.hidden = true;
    for (const one of document.querySelectorAll("[data-kept-back]")) one.hidden = false;
  });

  // A paper says it in its own line.
  const line = document.querySelector("[data-line-notice]");
  if (!line || document.querySelector("[data-attempt]")) return;
  function show() {
    const gone = !navigator.onLine;
    line.hidden = !gone;
    line.textContent = gone ? line.dataset.textGone : "";
  }
  // A copy, and the page without a line, say it already.
  if (!page.keptAt && !page.askedBy) {
    window.addEventListener("online", show);
    window.addEventListener("offline", show);
    show();
  }
})();
