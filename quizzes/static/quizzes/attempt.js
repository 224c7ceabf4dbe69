// The pages of an attempt: every change is saved at once, and moving between questions happens in place.
// Without this script the same buttons post.
(function () {
  "use strict";
  const root = document.querySelector("[data-attempt]:not([data-handing-in])");
  if (!root) return;
  // Typing is saved this often while it goes on; a choice at once.
  const TYPING = 700;
  const standing = new window.AcademyStanding(root);
  const queue = standing.queue;
  const texts = root.dataset;
  const place = root.querySelector("[data-pages]");
  const map = root.querySelector("[data-map-card]");
  const oneWay = root.hasAttribute("data-one-way");
  // Pages that were seen stay as they are, with what was typed; others come as text from the server.
  const seen = new Map();
  const fetched = new Map();
  const receipts = {};
  const last = {};
  let page = place.querySelector("[data-page]");
  let moving = 0;

  // ---- what a form holds

  function read(form) {
    const raw = {};
    const holder = form.querySelector("[data-response]");
    holder.querySelectorAll("[name^=response]").forEach(function (field) {
      if (field.tagName === "BUTTON") return;
      const name = field.name === "response" ? "response" : field.name.slice(9);
      const many = field.type === "checkbox" || (field.type !== "radio" && holder.querySelectorAll('[name="' + field.name + '"]').length > 1);
      if (many) raw[name] = raw[name] || [];
      const on = (field.type !== "radio" && field.type !== "checkbox") || field.checked;
      if (on && many) raw[name].push(field.value);
      else if (on) raw[name] = field.value;
    });
    return raw;
  }
  // Puts back what the queue still holds and the server does not know.
  function fill(form, raw) {
    form.querySelectorAll("[data-response] [name^=response]").forEach(function (field) {
      const value = raw[field.name === "response" ? "response" : field.name.slice(9)];
      if (field.tagName === "BUTTON" || field.type === "hidden" || value === undefined) return;
      if (field.type === "radio" || field.type === "checkbox") field.checked = Array.isArray(value) ? value.indexOf(field.value) !== -1 : value === field.value;
      else field.value = value;
    });
  }
  function slotOf(form) { return Number(form.dataset.slot); }
  function formOf(slot) { return page.querySelector('[data-question][data-slot="' + slot + '"]'); }
  function bySteps(form) { return form.dataset.behaviour === "steps"; }

  function show(slot, text, tone) {
    receipts[slot] = { text: text, tone: tone };
    const form = formOf(slot);
    if (!form) return;
    const line = form.querySelector("[data-receipt]");
    line.textContent = text;
    line.dataset.tone = tone;
  }
  function changed(form, wait, extra, again) {
    const slot = slotOf(form);
    const raw = Object.assign(read(form), extra);
    // Leaving a field says "change" once more for what was typed.
    if (!again && last[slot] === JSON.stringify(raw)) return;
    last[slot] = JSON.stringify(raw);
    form.querySelectorAll("[data-verdict]").forEach(function (one) { one.hidden = true; });
    const safe = queue.put(slot, raw, form.dataset.stamp, again);
    show(slot, texts.textSaving, "");
    if (!safe) standing.notice("full", texts.textFull);
    if (standing.channel) standing.channel.postMessage({ slot: slot });
    queue.soon(wait);
  }

  // ---- what the server says

  queue.on("receipt", function (receipt) {
    const slot = receipt.slot;
    const newer = queue.holds(slot);
    if (receipt.status === "saved") {
      mark(slot, "answered", receipt.answered);
      const form = formOf(slot);
      const stamp = receipt.stamp || receipt.tab + ":" + receipt.sequence;
      [form].concat(Array.from(seen.values()).map(function (one) { return one.querySelector('[data-slot="' + slot + '"][data-question]'); }))
        .forEach(function (one) { if (one) one.dataset.stamp = stamp; });
      if (!newer) show(slot, "✓ " + texts.textSaved + " " + receipt.at, "saved");
      // A step was taken, or a line moved by the server: the page shows what follows from it.
      if (receipt.entry.again || (form && bySteps(form))) renew(slot);
      else if (!queue.mine[slot]) renew(slot);
      return;
    }
    if (receipt.status === "older") { elsewhere(slot); return; }
    const message = receipt.status === "refused" ? (receipt.message || texts.textRefused) : texts.textLate;
    show(slot, message, "warn");
    standing.say(message);
  });
  queue.on("flagged", function (flag) { mark(flag.slot, "flagged", flag.flagged); });
  function unsaid() {
    queue.entries().forEach(function (entry) { show(entry.slot, texts.textKept, "warn"); });
  }
  ["offline", "busy", "outside", "signin", "stranger"].forEach(function (name) { queue.on(name, unsaid); });
  queue.on("pulse", function (answer) {
    if (!answer.stamps) return;
    map.querySelectorAll("[data-map]").forEach(function (button) {
      const slot = Number(button.dataset.map);
      const stamp = answer.stamps[slot] || "";
      const form = formOf(slot) || (seen.get(button.dataset.page) || place).querySelector('[data-question][data-slot="' + slot + '"]');
      if (stamp) mark(slot, "answered", true);
      if (form && form.dataset.stamp !== stamp && stamp && !queue.holds(slot)) elsewhere(slot);
    });
  });
  // The stored answer is from another page: this one is told, and shows it.
  function elsewhere(slot) {
    standing.notice("older", texts.textOlder);
    show(slot, texts.textOlder, "warn");
    renew(slot);
  }
  if (standing.channel) {
    standing.channel.onmessage = function (event) {
      const slot = event.data.slot;
      // The other page has only just begun to save it; a beat after that brings its stamp.
      setTimeout(function () { queue.beat(); }, 1500);
      if (formOf(slot)) standing.notice("older", texts.textOlder);
    };
  }

  // ---- the map

  function mark(slot, name, value) {
    const button = map.querySelector('[data-map="' + slot + '"]');
    if (!button || Boolean(button.dataset[name]) === Boolean(value)) return;
    button.dataset[name] = value ? "1" : "";
    button.classList.toggle("is-" + name, Boolean(value));
    const words = (button.dataset.answered ? ", " + texts.textAnswered : "") + (button.dataset.flagged ? ", " + texts.textFlagged : "");
    button.querySelector("[data-map-words]").textContent = words;
    count();
  }
  function count() {
    const all = map.querySelectorAll("[data-map]").length;
    const answered = map.querySelectorAll(".is-answered").length;
    const flagged = map.querySelectorAll(".is-flagged").length;
    map.querySelector("[data-counts]").textContent = texts.textCounts.replace("{a}", answered).replace("{o}", all - answered).replace("{f}", flagged);
    document.querySelectorAll("[data-count]").forEach(function (one) { one.textContent = answered + "/" + all; });
  }

  // ---- moving

  function address(slot) { return texts.address + "?slot=" + slot; }
  function load(slot) {
    return fetch(address(slot), { headers: { "X-Page": "1" }, redirect: "manual", credentials: "same-origin", cache: "no-store" }).then(function (response) {
      if (response.ok) return response.text();
      if (response.type === "opaqueredirect") { location.assign(address(slot)); return new Promise(function () {}); }
      if (response.status === 401) queue.tell("signin");
      else queue.tell(response.status === 404 ? "stranger" : response.status === 403 ? "outside" : "busy");
      throw new Error(String(response.status));
    }, function () { queue.tell("offline"); throw new Error("offline"); });
  }
  function parsed(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    return holder.content.firstElementChild;
  }
  // Scripts of question types do not run when a page comes as text.
  function wake(section) {
    section.querySelectorAll("script[src]").forEach(function (old) {
      const script = document.createElement("script");
      script.src = old.getAttribute("src");
      old.replaceWith(script);
    });
  }
  function swap(section) {
    seen.set(page.dataset.page, page);
    const isNew = !section.isConnected && seen.get(section.dataset.page) !== section;
    place.replaceChild(section, page);
    page = section;
    seen.set(page.dataset.page, page);
    if (isNew) { wake(page); ready(page); }
    document.querySelectorAll("[data-where]").forEach(function (one) { if (one !== page) one.textContent = page.dataset.where; });
    document.title = page.dataset.where + " · " + document.title.split(" · ").slice(1).join(" · ");
    map.querySelectorAll("[aria-current]").forEach(function (one) { one.removeAttribute("aria-current"); });
    const here = map.querySelector('[data-map="' + page.dataset.first + '"]');
    if (here) here.setAttribute("aria-current", "step");
    count();
  }
  function pageOf(slot) {
    const button = map.querySelector('[data-map="' + slot + '"]');
    return button ? button.dataset.page : "";
  }
  function go(slot, push) {
    const wanted = pageOf(slot);
    const turn = ++moving;
    closeSheet();
    standing.clear(["older", "unsent", "back"]);
    queue.flush();
    const found = wanted === page.dataset.page ? Promise.resolve(page)
      : seen.has(wanted) ? Promise.resolve(seen.get(wanted))
        : fetched.has(wanted) ? Promise.resolve(parsed(fetched.get(wanted)))
          : load(slot).then(parsed);
    return found.then(function (section) {
      if (turn !== moving) return;
      if (push) history.pushState({ slot: slot }, "", address(slot));
      if (section !== page) swap(section);
      const form = formOf(slot) || page.querySelector("[data-question]");
      const top = form.querySelector("[data-response]");
      top.focus({ preventScroll: true });
      if (form === page.querySelector("[data-question]")) window.scrollTo(0, 0);
      else form.scrollIntoView();
      standing.say(page.dataset.where);
    }).catch(function () { standing.notice("offline", texts.textUnloaded); });
  }
  // The page of a slot anew from the server, because it knows more than this page.
  function renew(slot) {
    const wanted = pageOf(slot);
    fetched.delete(wanted);
    if (wanted !== page.dataset.page) { seen.delete(wanted); return; }
    if (page.querySelectorAll("[data-question]").length > 1) {
      load(slot).then(parsed).then(function (section) { renewOne(section, slot); }).catch(function () {});
      return;
    }
    load(slot).then(parsed).then(function (section) {
      if (page.dataset.page !== wanted || queue.holds(slot)) return;
      const inside = page.contains(document.activeElement);
      seen.delete(wanted);
      swap(section);
      seen.set(wanted, section);
      const turn = page.querySelector("#turn") || page.querySelector("[data-response]");
      if (inside) { turn.setAttribute("tabindex", "-1"); turn.focus({ preventScroll: true }); if (turn.id === "turn") turn.scrollIntoView({ block: "start" }); }
    }).catch(function () { /* said already; what is shown stays */ });
  }
  function renewOne(section, slot) {
    const fresh = section.querySelector('[data-question][data-slot="' + slot + '"]');
    const old = formOf(slot);
    if (!fresh || !old || queue.holds(slot)) return;
    old.replaceWith(fresh);
    wake(fresh);
  }
  function handIn() {
    queue.flush().then(function (done) {
      if (done && !queue.unsent()) location.assign(texts.submit);
      else standing.notice("unsent", texts.textUnsent.replace("{n}", String(queue.unsent())));
    });
  }

  // ---- the person's doings

  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (!form.matches("[data-question]")) return;
    const button = event.submitter;
    // A check is the server's to make: the page comes back with what may be said of the answer.
    if (form.dataset.plain) return;
    event.preventDefault();
    if (!button) return;
    if (button.name === "go" && button.value === "check") {
      queue.flush().then(function () { form.dataset.plain = "1"; form.requestSubmit(button); });
      return;
    }
    if (button.name === "go" && button.value === "submit") { handIn(); return; }
    if (button.name === "go") { oneWay && pageOf(button.value) !== page.dataset.page ? forward(button.value) : go(Number(button.value), true); return; }
    if (button.name === "flagged") { flag(form, button); return; }
    const extra = button.name.indexOf("response-") === 0 ? { [button.name.slice(9)]: button.value } : {};
    changed(form, 0, extra, true);
  });
  // One way: the server is asked to turn the page, and this one does not come back.
  function forward(slot) {
    queue.flush().then(function (done) {
      if (!done || queue.unsent()) { standing.notice("unsent", texts.textUnsent.replace("{n}", String(queue.unsent()))); return; }
      const body = new FormData();
      body.append("go", slot);
      body.append("turn", page.dataset.page);
      fetch(texts.address, { method: "POST", headers: { "X-CSRFToken": queue.headers()["X-CSRFToken"], "X-Page": "1" }, body: body, redirect: "manual" })
        .then(function (response) {
          if (response.ok || response.type === "opaqueredirect") { seen.clear(); location.assign(address(slot)); }
          else queue.failed(response);
        }, function () { queue.failed(null); });
    });
  }
  function flag(form, button) {
    const on = button.value === "1";
    const slot = slotOf(form);
    button.value = on ? "0" : "1";
    button.setAttribute("aria-pressed", String(on));
    button.querySelector("[data-flag-word]").textContent = on ? button.dataset.on : button.dataset.off;
    mark(slot, "flagged", on);
    queue.flag(slot, on);
    queue.soon(0);
  }
  document.addEventListener("change", function (event) {
    const form = event.target.closest && event.target.closest("[data-question]");
    if (form && event.target.name && event.target.name.indexOf("response") === 0 && !bySteps(form)) changed(form, 30);
  });
  document.addEventListener("input", function (event) {
    const form = event.target.closest && event.target.closest("[data-question]");
    if (form && !bySteps(form) && event.target.matches("input[type=text], textarea") && event.target.name.indexOf("response") === 0) changed(form, TYPING);
  });
  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest("a[data-leave]");
    if (!link || !queue.unsent()) return;
    event.preventDefault();
    queue.flush().then(function (done) {
      if (done || queue.store.works) location.assign(link.href);
      else standing.notice("unsent", texts.textUnsent.replace("{n}", String(queue.unsent())));
    });
  });
  window.addEventListener("popstate", function (event) {
    const slot = (event.state && event.state.slot) || Number(new URLSearchParams(location.search).get("slot")) || Number(page.dataset.first);
    go(slot, false);
  });
  root.addEventListener("academy:over", function () {
    page.querySelectorAll("fieldset, textarea, input, select").forEach(function (one) { one.disabled = true; });
  });

  // ---- the sheet of a phone

  const sheet = document.querySelector("[data-sheet]");
  const home = map.parentNode;
  function closeSheet() { if (sheet && sheet.open) sheet.close(); }
  document.addEventListener("click", function (event) {
    if (!event.target.closest || !event.target.closest("[data-sheet-open]") || !sheet || !sheet.showModal) return;
    event.preventDefault();
    sheet.querySelector("[data-sheet-in]").appendChild(map);
    sheet.showModal();
  });
  if (sheet) {
    sheet.addEventListener("close", function () { home.appendChild(map); });
    sheet.addEventListener("click", function (event) { if (event.target === sheet) sheet.close(); });
  }

  // ---- at the start

  function ready(section) {
    section.querySelectorAll("[data-question]").forEach(function (form) {
      const slot = slotOf(form);
      const waiting = queue.holds(slot);
      if (waiting && !bySteps(form)) fill(form, waiting.raw);
      if (receipts[slot]) show(slot, receipts[slot].text, receipts[slot].tone);
    });
  }
  ready(page);
  queue.flush();
  if (texts.paper) {
    // The whole paper once the first page stands: moving needs no network then, and the server less work.
    setTimeout(function () {
      fetch(texts.paper, { headers: { Accept: "application/json" }, redirect: "manual", credentials: "same-origin" })
        .then(function (response) { return response.ok ? response.json() : { pages: {} }; })
        .then(function (answer) { Object.keys(answer.pages).forEach(function (number) { if (!seen.has(number)) fetched.set(number, answer.pages[number]); }); root.dataset.whole = "1"; })
        .catch(function () { /* pages come one by one then */ });
    }, 800);
  }
})();
