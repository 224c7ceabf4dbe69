// The pages of an attempt: every change is saved at once, and moving between questions happens in place.
// Without this script the same buttons post.
import { Pages, parsed, wake } from "./pages.js";
import { QuestionMap } from "./question_map.js";
import { fill, isBlank, read, showChosen, touched, unchosen } from "./response.js";
import { Standing } from "./standing.js";

const root = document.querySelector("[data-attempt]:not([data-handing-in])");
// Typing is saved this often while it goes on; a choice at once.
const TYPING = 700;
const standing = new Standing(root);
const queue = standing.queue;
const texts = root.dataset;
const place = root.querySelector("[data-pages]");
const map = new QuestionMap(root.querySelector("[data-map-card]"), texts);
const pages = new Pages(texts.address, queue);
const oneWay = root.hasAttribute("data-one-way");
// Pages that were seen stay as they are, with what was typed; others come as text from the server.
const seen = new Map();
const fetched = new Map();
const receipts = {};
const last = {};
// Whether pages are copies that the browser kept, so that later answers lie beside them.
let copied = standing.isCopy;
let page = place.querySelector("[data-page]");
let moving = 0;

// ---- what a form holds

function slotOf(form) {
  return Number(form.dataset.slot);
}
function formOf(slot) {
  return page.querySelector(`[data-question][data-slot="${slot}"]`);
}
function bySteps(form) {
  return form.dataset.behaviour === "steps";
}

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
  form.querySelectorAll("[data-verdict]").forEach((one) => {
    one.hidden = true;
  });
  const safe = queue.put(slot, raw, form.dataset.stamp, again);
  show(slot, texts.textSaving, "");
  if (!safe) standing.notice("full", texts.textFull);
  if (standing.channel) standing.channel.postMessage({ slot: slot });
  queue.soon(wait);
}

// ---- what the server says

queue.on("receipt", (receipt) => {
  const slot = receipt.slot;
  const newer = queue.holds(slot);
  if (receipt.status === "saved") {
    map.mark(slot, "answered", receipt.answered);
    const form = formOf(slot);
    const stamp = receipt.stamp || `${receipt.tab}:${receipt.sequence}`;
    standing.kept?.saved(slot, { raw: receipt.entry.raw, stamp: stamp, at: receipt.at, answered: receipt.answered });
    [form]
      .concat(Array.from(seen.values()).map((one) => one.querySelector(`[data-slot="${slot}"][data-question]`)))
      .forEach((one) => {
        if (one) one.dataset.stamp = stamp;
      });
    if (!newer) show(slot, receipt.doubt || `✓ ${texts.textSaved} ${receipt.at}`, receipt.doubt ? "warn" : "saved");
    // A step was taken, or a line moved by the server: the page shows what follows from it.
    if (receipt.entry.again || (form && bySteps(form))) renew(slot);
    else if (!queue.mine[slot]) renew(slot);
    return;
  }
  if (receipt.status === "older") {
    elsewhere(slot);
    return;
  }
  const message = receipt.status === "refused" ? receipt.message || texts.textRefused : texts.textLate;
  show(slot, message, "warn");
  standing.say(message);
});
queue.on("flagged", (flag) => {
  map.mark(flag.slot, "flagged", flag.flagged);
  standing.kept?.flagged(flag.slot, flag.flagged);
});
function unsaid() {
  queue.entries().forEach((entry) => {
    show(entry.slot, texts.textKept, "warn");
    const form = formOf(entry.slot);
    // What waits on the device is answered for whoever answered it; its receipt says the rest.
    if (!(form && bySteps(form))) map.mark(entry.slot, "answered", !isBlank(entry.raw));
  });
}
["offline", "busy", "outside", "signin", "stranger"].forEach((name) => {
  queue.on(name, unsaid);
});
queue.on("pulse", (answer) => {
  if (!answer.stamps) return;
  map.buttons().forEach((button) => {
    const slot = Number(button.dataset.map);
    const stamp = answer.stamps[slot] || "";
    const form =
      formOf(slot) || (seen.get(button.dataset.page) || place).querySelector(`[data-question][data-slot="${slot}"]`);
    // A talk that goes on has a stamp, too: whether it is over is told with each word said.
    if (stamp && !(form && bySteps(form))) map.mark(slot, "answered", !answer.doubtful.includes(slot));
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
  standing.channel.onmessage = (event) => {
    const slot = event.data.slot;
    // The other page has only just begun to save it; a beat after that brings its stamp.
    setTimeout(() => {
      queue.beat();
    }, 1500);
    if (formOf(slot)) standing.notice("older", texts.textOlder);
  };
}

// ---- moving

function swap(section) {
  seen.set(page.dataset.page, page);
  const isNew = !section.isConnected && seen.get(section.dataset.page) !== section;
  place.replaceChild(section, page);
  page = section;
  seen.set(page.dataset.page, page);
  if (isNew) {
    wake(page);
    ready(page);
  }
  // What the server said of the page before is not said of this one.
  document.querySelector("main > .messages")?.remove();
  document.querySelectorAll("[data-where]").forEach((one) => {
    if (one !== page) one.textContent = page.dataset.where;
  });
  document.title = `${page.dataset.where} · ${document.title.split(" · ").slice(1).join(" · ")}`;
  map.point(page.dataset.first);
}
function go(slot, push) {
  const wanted = map.pageOf(slot);
  const turn = ++moving;
  map.close();
  standing.clear(["older", "unsent", "back"]);
  queue.flush();
  standing.turned();
  const found =
    wanted === page.dataset.page
      ? Promise.resolve(page)
      : seen.has(wanted)
        ? Promise.resolve(seen.get(wanted))
        : fetched.has(wanted)
          ? Promise.resolve(parsed(fetched.get(wanted)))
          : pages.load(slot).then(parsed);
  return found
    .then((section) => {
      if (turn !== moving) return;
      if (push) history.pushState({ slot: slot }, "", pages.address(slot));
      if (section !== page) swap(section);
      const form = formOf(slot) || page.querySelector("[data-question]");
      const top = form.querySelector("[data-response]");
      top.focus({ preventScroll: true });
      if (form === page.querySelector("[data-question]")) window.scrollTo(0, 0);
      else form.scrollIntoView();
      standing.say(page.dataset.where);
    })
    .catch(() => {
      standing.notice("offline", texts.textUnloaded);
    });
}
// The page of a slot anew from the server, because it knows more than this page.
function renew(slot) {
  const wanted = map.pageOf(slot);
  fetched.delete(wanted);
  if (wanted !== page.dataset.page) {
    seen.delete(wanted);
    return;
  }
  if (page.querySelectorAll("[data-question]").length > 1) {
    pages
      .load(slot)
      .then(parsed)
      .then((section) => {
        renewOne(section, slot);
      })
      .catch(() => {});
    return;
  }
  pages
    .load(slot)
    .then(parsed)
    .then((section) => {
      if (page.dataset.page !== wanted || queue.holds(slot)) return;
      const inside = page.contains(document.activeElement);
      seen.delete(wanted);
      swap(section);
      seen.set(wanted, section);
      const turn = page.querySelector("#turn") || page.querySelector("[data-response]");
      if (inside) {
        turn.setAttribute("tabindex", "-1");
        turn.focus({ preventScroll: true });
        if (turn.id === "turn") turn.scrollIntoView({ block: "start" });
      }
    })
    .catch(() => {
      /* said already; what is shown stays */
    });
}
function renewOne(section, slot) {
  const fresh = section.querySelector(`[data-question][data-slot="${slot}"]`);
  const old = formOf(slot);
  if (!fresh || !old || queue.holds(slot)) return;
  old.replaceWith(fresh);
  wake(fresh);
}
function handIn() {
  // What is said of it stands on the page, not below the sheet.
  map.close();
  queue.flush().then((done) => {
    if (!done || queue.unsent()) {
      standing.notice("unsent", texts.textUnsent.replace("{n}", String(queue.unsent())));
      return;
    }
    standing.reach().then((there) => {
      if (there) standing.leave(() => location.assign(texts.submit));
      else standing.notice("unsent", texts.textWait);
    });
  });
}

// ---- the person's doings

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-question]")) return;
  const button = event.submitter;
  // A check is the server's to make: the page comes back with what may be said of the answer.
  if (form.dataset.plain) return;
  event.preventDefault();
  if (!button || (button.name === "response-speak" && unchosen(form))) return;
  if (button.name === "go" && button.value === "check") {
    queue.flush().then(() => {
      form.dataset.plain = "1";
      form.requestSubmit(button);
    });
    return;
  }
  if (button.name === "go" && button.value === "submit") {
    handIn();
    return;
  }
  if (button.name === "go") {
    oneWay && map.pageOf(button.value) !== page.dataset.page ? forward(button.value) : go(Number(button.value), true);
    return;
  }
  if (button.name === "flagged") {
    flag(form, button);
    return;
  }
  const extra = button.name.indexOf("response-") === 0 ? { [button.name.slice(9)]: button.value } : {};
  changed(form, 0, extra, true);
});
// One way: the server is asked to turn the page, and this one does not come back.
function forward(slot) {
  queue.flush().then((done) => {
    if (!done || queue.unsent()) {
      standing.notice("unsent", texts.textUnsent.replace("{n}", String(queue.unsent())));
      return;
    }
    const body = new FormData();
    body.append("go", slot);
    body.append("turn", page.dataset.page);
    fetch(texts.address, {
      method: "POST",
      headers: { "X-CSRFToken": queue.headers()["X-CSRFToken"], "X-Page": "1" },
      body: body,
      redirect: "manual",
    }).then(
      (response) => {
        if (response.ok || response.type === "opaqueredirect") {
          seen.clear();
          location.assign(pages.address(slot));
        } else queue.failed(response);
      },
      () => {
        queue.failed(null);
      },
    );
  });
}
function flag(form, button) {
  const on = button.value === "1";
  const slot = slotOf(form);
  button.value = on ? "0" : "1";
  button.setAttribute("aria-pressed", String(on));
  button.querySelector("[data-flag-word]").textContent = on ? button.dataset.on : button.dataset.off;
  map.mark(slot, "flagged", on);
  queue.flag(slot, on);
  queue.soon(0);
}
document.addEventListener("change", (event) => {
  if (event.target.tagName === "SELECT") showChosen(event.target);
  const form = event.target.closest?.("[data-question]");
  if (form && event.target.name && event.target.name.indexOf("response") === 0 && !bySteps(form)) changed(form, 30);
});
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-question]");
  if (
    form &&
    !bySteps(form) &&
    event.target.matches("input[type=text], textarea") &&
    event.target.name.indexOf("response") === 0
  )
    changed(form, TYPING);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-leave]");
  if (!link || !queue.unsent()) return;
  event.preventDefault();
  queue.flush().then((done) => {
    if (done || queue.store.works) standing.leave(() => location.assign(link.href));
    else standing.notice("unsent", texts.textUnsent.replace("{n}", String(queue.unsent())));
  });
});
window.addEventListener("popstate", (event) => {
  const slot =
    event.state?.slot || Number(new URLSearchParams(location.search).get("slot")) || Number(page.dataset.first);
  go(slot, false);
});
function shut() {
  page.querySelectorAll("fieldset, textarea, input, select").forEach((one) => {
    one.disabled = true;
  });
}
root.addEventListener("academy:over", shut);

// ---- at the start

function ready(section) {
  section.querySelectorAll("[data-question]").forEach((form) => {
    const slot = slotOf(form);
    const waiting = queue.holds(slot);
    if (!waiting) showSaved(form, slot);
    if (waiting && !bySteps(form)) fill(form, waiting.raw);
    if (receipts[slot]) show(slot, receipts[slot].text, receipts[slot].tone);
  });
}
// In a copy: what the server had when the line went. The stamp tells the server which answer this one follows.
function showSaved(form, slot) {
  const saved = copied && standing.kept ? standing.kept.read().slots[slot] : null;
  if (!saved || bySteps(form)) return;
  fill(form, saved.raw);
  form.dataset.stamp = saved.stamp;
  last[slot] = JSON.stringify(read(form));
  receipts[slot] = { text: `✓ ${texts.textSaved} ${saved.at}`, tone: "saved" };
}
if (copied && standing.kept) standing.kept.markOn(map);
ready(page);
page.querySelectorAll("[data-question]").forEach((form) => {
  const slot = slotOf(form);
  if (!bySteps(form) && !queue.holds(slot) && touched(form) && last[slot] === undefined) changed(form, 30);
});
if (standing.over) shut();
queue.flush();
if (texts.paper) {
  // The whole paper once the first page stands: moving needs no network then, and the server less work.
  setTimeout(
    () => {
      const headers = { Accept: "application/json" };
      if (standing.kept) headers["X-Keep"] = "1";
      fetch(texts.paper, { headers: headers, redirect: "manual", credentials: "same-origin" })
        .then((response) => {
          if (response.headers.has("X-Kept-At")) copied = true;
          return response.ok ? response.json() : { pages: {} };
        })
        .then((answer) => {
          Object.keys(answer.pages).forEach((number) => {
            if (!seen.has(number)) fetched.set(number, answer.pages[number]);
          });
          root.dataset.whole = "1";
          // One copy stands for all places of a paper: the one in the address is gone to.
          const asked = Number(new URLSearchParams(location.search).get("slot"));
          if (copied && asked && map.pageOf(asked) !== page.dataset.page) go(asked, false);
        })
        .catch(() => {
          /* pages come one by one then */
        });
    },
    copied ? 0 : 800,
  );
}
