// How an open attempt stands, on its pages and on the hand-in: the queue, the line that says what is the matter,
// the clock, the light beat, and the facts that an exam notes.
import { Countdown } from "./countdown.js";
import { KeptPaper } from "./kept_paper.js";
import { AnswerQueue, pageLock } from "./queue.js";

const BEAT = 45000;
// In an exam somebody in the room waits for it: a message, minutes given or the end of a paper come within this.
const BEAT_OF_EXAM = 9000;
const LOOKS = 5000;
// Whoever turns a page hears how the paper stands, unless that was heard just now.
const JUST_NOW = 2000;
// A page that was hidden for less than this was not left: a dialog of the system, a slip of the finger.
const AWAY = 1000;
// A going to another page is under way for this long at most.
const GOING = 15000;

export class Standing {
  constructor(root) {
    this.root = root;
    this.texts = root.dataset;
    this.line = root.querySelector("[data-notice]");
    this.said = root.querySelector("[data-said]");
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    this.queue = new AnswerQueue({
      person: root.dataset.person,
      attempt: root.dataset.attemptId,
      save: root.dataset.save,
      pulse: root.dataset.pulse,
      token: token ? token.value : "",
    });
    this.trouble = "";
    this.over = false;
    this.wentAt = -GOING;
    // A copy that the browser kept: the server has not been asked.
    this.isCopy = Boolean(document.documentElement?.dataset.keptAt);
    this.kept = root.hasAttribute("data-keep") ? new KeptPaper(root.dataset.person, root.dataset.attemptId) : null;
    this.listen();
    this.startClock();
    this.startBeat();
    this.startNotes();
  }

  // The visible line holds one matter; a screen reader hears it once.
  notice(kind, text, link) {
    if (this.trouble === kind + text) return;
    this.trouble = kind + text;
    this.line.hidden = !text;
    this.line.dataset.tone = kind;
    this.line.querySelector("[data-notice-text]").textContent = text;
    const anchor = this.line.querySelector("[data-notice-link]");
    anchor.hidden = !link;
    if (link) {
      anchor.href = link.href;
      anchor.textContent = link.text;
      // Without a store the page itself holds the answers, so it must stay open.
      anchor.target = this.queue.store.works ? "" : "_blank";
    }
    if (text) this.say(text);
  }

  clear(kinds) {
    if (kinds.indexOf(this.line.dataset.tone) !== -1) this.notice("", "");
  }

  say(text) {
    const said = this.said;
    said.textContent = "";
    setTimeout(() => {
      said.textContent = text;
    }, 50);
  }

  signin() {
    return {
      href: `${this.texts.signin}?next=${encodeURIComponent(location.pathname + location.search)}`,
      text: this.texts.textSignin,
    };
  }

  listen() {
    this.queue
      .on("offline", () => {
        this.gone("offline", this.texts.textOffline);
      })
      .on("busy", () => {
        this.gone("busy", this.texts.textBusy);
      })
      .on("outside", () => {
        this.notice("outside", this.texts.textOutside);
      })
      .on("signin", () => {
        this.notice("signin", this.texts.textSignedout, this.signin());
      })
      .on("stranger", () => {
        this.notice("stranger", this.texts.textStranger, this.signin());
      })
      .on("pulse", (answer) => {
        this.pulse(answer);
      })
      .on("idle", (unsent) => {
        // Nothing to send is no word of the server's: after a failure it is asked for one.
        if (!unsent && this.queue.failures) this.queue.beat();
      });
    window.addEventListener("online", () => {
      this.queue.beat();
    });
    window.addEventListener("pagehide", () => {
      if (this.queue.unsent()) this.queue.flush();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.queue.store.held.size) event.preventDefault();
    });
  }

  // The server does not answer. Once the time is over that is what must be known, and that nothing typed is lost.
  gone(kind, text) {
    if (this.over) this.notice("over", this.texts.textOverKept);
    // Why the paper is not handed in says that the line is gone, and more.
    else if (this.line.hidden || this.line.dataset.tone !== "unsent") this.notice(kind, text);
  }

  // The server answers and has everything: what was said of the line, and that this is a copy, is over.
  back() {
    const wasGone = this.isCopy || ["offline", "busy", "unsent", "outside"].indexOf(this.line.dataset.tone) !== -1;
    if (this.isCopy) delete document.documentElement.dataset.keptAt;
    this.isCopy = false;
    if (!wasGone) return;
    this.notice("back", this.texts.textBack);
    setTimeout(() => {
      this.clear(["back"]);
    }, 6000);
  }

  pulse(answer) {
    if (this.kept && answer.left !== undefined) this.kept.left(answer.left);
    // A save brings the same word as a beat, what the invigilator says among it.
    this.beaten = performance.now();
    if (answer.messages) this.messages(answer.messages);
    this.clear(["signin", "stranger"]);
    if (answer.outside) {
      this.queue.tell("outside");
      return;
    }
    if (!this.queue.unsent()) this.back();
    else if (!this.queue.sending) this.queue.soon(0);
    if (answer.state !== "in_progress" && !this.root.hasAttribute("data-handing-in")) {
      this.leave(() => location.assign(this.texts.submit));
      return;
    }
    if (answer.left === null || !this.clock) return;
    if (answer.left > 0) this.over = false;
    const moved = answer.left - this.clock.exact();
    this.clock.set(answer.left);
    if (Math.abs(moved) > 20) {
      const until = document.querySelector("[data-until]");
      until.textContent = until.dataset.text.replace("00:00", answer.until);
      this.notice("until", this.texts.textUntil.replace("{time}", answer.until));
    }
  }

  // What the invigilator says stands until it was read, and is spoken once.
  messages(messages) {
    const box = this.root.querySelector("[data-message]");
    if (!box) return;
    const key = `academy.read.${this.texts.attemptId}`;
    const kept = () => {
      try {
        return Number(sessionStorage.getItem(key)) || 0;
      } catch {
        return 0;
      }
    };
    const read = Math.max(kept(), this.read || 0);
    const fresh = messages.filter((one) => one.id > read);
    if (!fresh.length) return;
    const newest = fresh[fresh.length - 1].id;
    if (newest === this.shown) return;
    this.shown = newest;
    const list = box.querySelector("[data-message-list]");
    list.replaceChildren.apply(
      list,
      fresh.map((one) => {
        const line = document.createElement("p");
        line.textContent = `${one.at}  ${one.text}`;
        return line;
      }),
    );
    box.hidden = false;
    this.say(`${box.querySelector("[data-message-head]").textContent} ${fresh[fresh.length - 1].text}`);
    box.querySelector("[data-message-read]").onclick = () => {
      this.read = newest;
      try {
        sessionStorage.setItem(key, String(newest));
      } catch {
        /* read for this page */
      }
      box.hidden = true;
    };
  }

  startClock() {
    const place = document.querySelector("[data-countdown]");
    if (place && this.kept) {
      const left = this.isCopy ? this.kept.remaining() : null;
      if (left !== null) place.dataset.left = String(left);
      else if (!this.isCopy) this.kept.left(Number(place.dataset.left));
    }
    if (place)
      this.clock = new Countdown(place, () => {
        this.timeIsOver();
      });
  }

  // What is typed goes first; then the server closes the paper by its own rule and its own clock.
  timeIsOver() {
    this.over = true;
    this.notice("over", this.texts.textOver);
    this.tell("over");
    if (!this.closing) {
      this.closing = true;
      this.queue.on("idle", (unsent) => {
        if (!unsent && this.over) this.handInIfThere();
      });
    }
    this.queue.flush();
  }

  // Where nothing speaks against it the server is there: going on waits for no answer then.
  reach() {
    const doubtful = this.isCopy || this.queue.failures || globalThis.navigator?.onLine === false;
    return doubtful ? this.queue.beat() : Promise.resolve(true);
  }

  // The hand-in is a page of the server's: it is asked for only when the server answers. True when it did.
  handInIfThere(asked = this.queue.beat()) {
    return asked.then((there) => {
      if (there) this.handIn();
      return there;
    });
  }

  // A page is left once: the hand-in and the word that the paper is closed come together when the time ends, and a
  // second going breaks off the first. Whoever stays (a dialog, the way back) may go again.
  leave(go) {
    if (performance.now() - this.wentAt < GOING) return;
    this.wentAt = performance.now();
    go();
  }

  handIn() {
    this.leave(() => this.postHandIn());
  }

  postHandIn() {
    const form = document.createElement("form");
    const field = document.createElement("input");
    form.method = "post";
    form.action = this.texts.submit;
    field.type = "hidden";
    field.name = "csrfmiddlewaretoken";
    field.value = this.queue.headers()["X-CSRFToken"];
    form.appendChild(field);
    document.body.appendChild(form);
    form.submit();
  }

  tell(name) {
    this.root.dispatchEvent(new CustomEvent(`academy:${name}`));
  }

  // Each save brings the same word as a beat, so a beat is sent only when none came for a while.
  startBeat() {
    this.beaten = performance.now();
    if (this.texts.notes) this.queue.beat();
    const often = this.texts.notes ? BEAT_OF_EXAM : BEAT;
    setInterval(() => {
      if (document.visibilityState === "visible" && performance.now() - this.beaten > often) this.queue.beat();
    }, LOOKS);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible")
        this.queue.beat().then(() => {
          this.queue.flush();
        });
    });
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      this.wentAt = -GOING;
      this.queue.beat();
    });
    navigator.locks?.request(pageLock(this.texts.person, this.texts.attemptId), { mode: "shared" }, () => {
      return new Promise(() => {});
    });
    if ("BroadcastChannel" in window) {
      this.channel = new BroadcastChannel(`academy.attempt.${this.texts.person}.${this.texts.attemptId}`);
    }
  }

  // A page of an exam is turned: one that was ended in the room shows no other question for long.
  turned() {
    if (this.texts.notes && performance.now() - this.beaten > JUST_NOW) this.queue.beat();
  }

  // Facts of an exam, told and not judged: how long the page was away, how much was pasted and never what.
  startNotes() {
    const address = this.texts.notes;
    if (!address) return;
    const queue = this.queue;
    let waiting = [];
    let left = null;
    function send() {
      const notes = waiting.splice(0, 20);
      fetch(address, {
        method: "POST",
        headers: queue.headers(),
        body: JSON.stringify({ tab: page, notes: notes }),
        redirect: "manual",
        keepalive: true,
      }).catch(() => {
        waiting = notes.concat(waiting).slice(0, 100);
      });
    }
    const page = `${queue.tab}.${Math.random().toString(36).slice(2, 8)}`;
    function went() {
      if (left === null) left = performance.now();
    }
    function came() {
      if (left === null) return;
      const away = performance.now() - left;
      left = null;
      if (away < AWAY) return;
      waiting.push({ kind: "left", seconds: Math.round(away / 1000) });
      send();
    }
    document.addEventListener("visibilitychange", () => {
      document.visibilityState === "hidden" ? went() : came();
    });
    window.addEventListener("blur", went);
    window.addEventListener("focus", came);
    document.addEventListener("paste", (event) => {
      const text = event.clipboardData ? event.clipboardData.getData("text") : "";
      waiting.push({ kind: "paste", characters: text.length });
      send();
    });
    window.addEventListener("online", () => {
      if (waiting.length) send();
    });
    send();
  }
}
