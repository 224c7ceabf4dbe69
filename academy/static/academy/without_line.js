// The page that stands where there is no line: which page was wanted, what this device keeps, and back as soon as the
// line is there. Nothing is asked of the server.
(() => {
  const root = document.querySelector("[data-without-line]");
  const scope = root.dataset.scope;
  const origin = location.origin;

  // The sentence that fits what was wanted.
  const path = location.pathname;
  const paper = /\/quizzes\/attempts\/([0-9a-f-]{36})\//.exec(path);
  const search = new URLSearchParams(location.search).has("q");
  const posted = document.documentElement.dataset.askedBy === "POST";
  const wanted = posted ? "posted" : paper ? "paper" : search ? "search" : path === scope ? "home" : "other";
  root.querySelector(`[data-wanted="${wanted}"]`).hidden = false;

  async function kept() {
    const found = await (await caches.open("academy.standing")).match(new URL(`${scope}standing`, origin).href);
    const standing = found ? await found.json() : null;
    if (!standing?.person || !standing.signedIn) return;
    unsent(standing.person);
    const cache = await caches.open(`academy.kept.${standing.person}`);
    const pages = [];
    for (const request of await cache.keys()) {
      const headers = (await cache.match(request)).headers;
      if (!(Number(headers.get("X-Kept-Until")) > Date.now())) continue;
      if (!headers.get("Content-Type")?.startsWith("text/html")) continue;
      pages.push({
        address: request.url,
        kind: headers.get("X-Kept-Kind"),
        at: Number(headers.get("X-Kept-At")),
        title: plain(decodeURIComponent(headers.get("X-Kept-Title") || ""), headers.get("X-Kept-Kind")),
      });
    }
    pages.sort((one, other) => other.at - one.at);
    for (const kind of ["paper", "lesson"]) {
      const list = root.querySelector(`[data-kept="${kind}"]`);
      const mine = pages.filter((one) => one.kind === kind);
      list.hidden = !mine.length;
      list.querySelector("ul").replaceChildren(
        ...mine.map((one) => {
          const line = document.createElement("li");
          const link = document.createElement("a");
          link.href = one.address;
          link.textContent = one.title || one.address;
          line.append(link);
          return line;
        }),
      );
    }
    root.querySelector("[data-nothing]").hidden = pages.length > 0;
  }
  // A title is written as HTML and has the academy's name behind it; that of a paper has its question in front.
  function plain(title, kind) {
    const holder = document.createElement("textarea");
    holder.innerHTML = title;
    const parts = holder.value.split(" · ");
    return parts.slice(kind === "paper" ? 1 : 0, -1).join(" · ") || holder.value;
  }
  // How many answers wait on this device, of this paper.
  function unsent(person) {
    if (!paper) return;
    const begins = `academy.answers.${person}.${paper[1]}.`;
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(begins));
    const slots = new Set(keys.map((key) => key.slice(begins.length).split(".")[0]).filter((slot) => slot !== "flag"));
    const line = root.querySelector("[data-unsent]");
    line.hidden = !slots.size;
    line.textContent = line.dataset.text.replace("{n}", String(slots.size));
  }
  kept().catch(() => {
    /* a closed store keeps nothing: the page says what it says */
  });
  // What was pressed and not sent is not sent again by itself.
  document.addEventListener("academy:back", () => location.replace(location.href));
})();
