// The queue of unsent answers: on the device first, then on the server; an entry leaves when its receipt is here.
//
// Keys are academy.answers.<person>.<attempt>.<slot>.<sequence>: what one person typed is never sent or shown by a
// page of another. The counter is the browser's, shared by its tabs, and knows no clock.
(function () {
  "use strict";
  const BATCH = 20;
  const LONGEST_WAIT = 30000;

  function random() {
    const bytes = new Uint8Array(12);
    crypto.getRandomValues(bytes);
    return Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  // The device's store; what it refuses is held by the page, and the page says so.
  function Store(prefix) {
    this.prefix = prefix;
    this.held = new Map();
    this.works = true;
  }
  Store.prototype.write = function (key, value) {
    try {
      localStorage.setItem(this.prefix + key, JSON.stringify(value));
      this.held.delete(key);
      return true;
    } catch (refused) {
      this.works = false;
      this.held.set(key, value);
      return false;
    }
  };
  Store.prototype.read = function (key) {
    if (this.held.has(key)) return this.held.get(key);
    try { return JSON.parse(localStorage.getItem(this.prefix + key)); } catch (refused) { return null; }
  };
  Store.prototype.remove = function (key) {
    this.held.delete(key);
    try { localStorage.removeItem(this.prefix + key); } catch (refused) { /* closed to us: nothing lies there */ }
  };
  Store.prototype.keys = function () {
    const found = new Set(this.held.keys());
    try {
      for (let index = 0; index < localStorage.length; index += 1) {
        const key = localStorage.key(index);
        if (key.indexOf(this.prefix) === 0) found.add(key.slice(this.prefix.length));
      }
    } catch (refused) { /* closed to us */ }
    return Array.from(found);
  };

  // options: person, attempt, save, pulse, token; events: sending, receipt, flagged, pulse, offline, busy, signin, stranger, idle
  function AnswerQueue(options) {
    this.options = options;
    this.token = options.token;
    this.store = new Store("academy.answers." + options.person + "." + options.attempt + ".");
    this.counter = new Store("academy.counter." + options.person + "." + options.attempt);
    this.listeners = {};
    this.mine = {};
    this.tried = new Set();
    this.sending = null;
    this.timer = null;
    this.failures = 0;
    this.fresh = new Set();
    const stored = this.counter.read("");
    this.tab = stored && stored.tab ? stored.tab : random();
    this.last = stored && stored.last ? stored.last : 0;
    this.counter.write("", { tab: this.tab, last: this.last });
    if (!this.counter.works) this.tab = random();
    const queue = this;
    window.addEventListener("online", function () { queue.failures = 0; queue.flush(); });
  }
  AnswerQueue.prototype.on = function (name, listener) {
    (this.listeners[name] = this.listeners[name] || []).push(listener);
    return this;
  };
  AnswerQueue.prototype.tell = function (name, detail) {
    (this.listeners[name] || []).forEach(function (listener) { listener(detail); });
  };
  AnswerQueue.prototype.next = function () {
    const stored = this.counter.works ? this.counter.read("") : null;
    this.last = Math.max(this.last, stored && stored.tab === this.tab ? stored.last : 0) + 1;
    if (!this.counter.write("", { tab: this.tab, last: this.last }) && stored) {
      // Another tab may count on with this name: from here this page has a name of its own.
      this.tab = random();
      this.counter.held.clear();
    }
    return this.last;
  };
  // Keeps what a slot holds now; the page's own older unsent entry of that slot goes.
  AnswerQueue.prototype.put = function (slot, raw, base, again) {
    const sequence = this.next();
    const key = slot + "." + sequence;
    const safe = this.store.write(key, { slot: slot, sequence: sequence, tab: this.tab, raw: raw, base: base || "", again: Boolean(again) });
    this.fresh.add(key);
    if (this.mine[slot] && !this.tried.has(this.mine[slot])) this.store.remove(this.mine[slot]);
    this.mine[slot] = key;
    return safe;
  };
  AnswerQueue.prototype.flag = function (slot, flagged) {
    this.store.write("flag." + slot, { slot: slot, flagged: flagged });
  };
  AnswerQueue.prototype.entries = function () {
    const store = this.store;
    return store.keys().filter(function (key) { return key.indexOf("flag.") !== 0; })
      .map(function (key) { return Object.assign({ key: key }, store.read(key)); })
      .filter(function (entry) { return entry.slot && entry.raw; })
      .sort(function (one, other) { return one.sequence - other.sequence; });
  };
  AnswerQueue.prototype.flags = function () {
    const store = this.store;
    return store.keys().filter(function (key) { return key.indexOf("flag.") === 0; })
      .map(function (key) { return Object.assign({ key: key }, store.read(key)); });
  };
  // How many questions wait for the server.
  AnswerQueue.prototype.unsent = function () {
    return new Set(this.entries().concat(this.flags()).map(function (entry) { return entry.slot; })).size;
  };
  AnswerQueue.prototype.holds = function (slot) {
    return this.entries().filter(function (entry) { return entry.slot === slot; }).pop() || null;
  };
  AnswerQueue.prototype.soon = function (wait) {
    const queue = this;
    // While the server does not answer, typing does not ask more often.
    const due = Math.max(performance.now() + wait, this.failures ? this.quiet : 0);
    if (this.timer && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(function () { queue.timer = null; queue.flush(); }, due - performance.now());
  };
  // Sends all there is; the promise is true when nothing is left to send.
  AnswerQueue.prototype.flush = function () {
    if (this.sending) {
      const queue = this;
      return this.sending.then(function (done) { return queue.unsent() && done ? queue.flush() : done; });
    }
    clearTimeout(this.timer);
    this.timer = null;
    const queue = this;
    this.sending = this.round().then(function (done) {
      queue.sending = null;
      queue.tell("idle", queue.unsent());
      return done;
    });
    return this.sending;
  };
  AnswerQueue.prototype.round = function () {
    const queue = this;
    const size = this.single ? 1 : BATCH;
    const entries = this.entries().slice(0, size);
    const flags = this.single && entries.length ? [] : this.flags();
    if (!entries.length && !flags.length) return Promise.resolve(true);
    this.tell("sending");
    const body = JSON.stringify({
      tab: this.tab,
      answers: entries.map(function (entry) {
        // What was typed on this page a moment ago and goes for the first time did not wait.
        const waited = !queue.fresh.has(entry.key) || queue.tried.has(entry.key);
        return { slot: entry.slot, sequence: entry.sequence, tab: entry.tab, raw: entry.raw, base: entry.base, waited: waited };
      }),
      flags: flags.map(function (entry) { return { slot: entry.slot, flagged: entry.flagged }; }),
    });
    entries.forEach(function (entry) { queue.tried.add(entry.key); });
    return this.post(body).then(function (answer) {
      if (answer === null) return false;
      if (answer === "unreadable") return queue.isolate(entries, flags);
      queue.failures = 0;
      queue.single = false;
      entries.forEach(function (entry, index) {
        queue.store.remove(entry.key);
        queue.tried.delete(entry.key);
        queue.fresh.delete(entry.key);
        if (answer.receipts[index]) queue.tell("receipt", Object.assign({ entry: entry }, answer.receipts[index]));
      });
      flags.forEach(function (entry) {
        const now = queue.store.read(entry.key);
        if (now && now.flagged === entry.flagged) queue.store.remove(entry.key);
      });
      answer.flags.forEach(function (flag) { queue.tell("flagged", flag); });
      queue.tell("pulse", answer);
      return queue.round();
    });
  };
  // One entry that the server cannot read must not hold up the others: they go one by one, and it is given up.
  AnswerQueue.prototype.isolate = function (entries, flags) {
    const queue = this;
    if (entries.length > 1 || (entries.length && flags.length)) { this.single = true; return this.round(); }
    entries.concat(flags).forEach(function (entry) {
      queue.store.remove(entry.key);
      queue.tell("receipt", { status: "refused", slot: entry.slot, sequence: entry.sequence, entry: entry, message: "" });
    });
    return this.round();
  };
  AnswerQueue.prototype.headers = function () {
    // A sign-in in another tab changes the token; the cookie holds the newest.
    const cookie = document.cookie.split("; ").find(function (part) { return part.indexOf("csrftoken=") === 0; });
    return { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": cookie ? decodeURIComponent(cookie.slice(10)) : this.token };
  };
  AnswerQueue.prototype.post = function (body, again) {
    const queue = this;
    return fetch(this.options.save, {
      method: "POST", headers: this.headers(), body: body, redirect: "manual", credentials: "same-origin", keepalive: body.length < 30000,
    }).then(function (response) {
      if (response.ok) return response.json();
      if (response.status === 403 && !again) {
        // The token is of an earlier sign-in: a pulse brings the new one, or says that nobody is signed in.
        return queue.beat().then(function (alive) { return alive ? queue.post(body, true) : null; });
      }
      if (response.status === 400 || response.status === 413) return "unreadable";
      return queue.failed(response);
    }, function () { return queue.failed(null); });
  };
  AnswerQueue.prototype.failed = function (response) {
    if (response && (response.status === 401 || response.status === 403 || response.type === "opaqueredirect")) {
      this.tell("signin");
      return null;
    }
    if (response && response.status === 404) { this.tell("stranger"); return null; }
    this.failures += 1;
    this.tell(!response ? "offline" : response.status === 423 ? "outside" : "busy");
    // A server that lost its database says when to ask again.
    const said = response && response.headers ? 1000 * parseInt(response.headers.get("Retry-After"), 10) : 0;
    const wait = (said || Math.min(LONGEST_WAIT, 1000 * Math.pow(2, this.failures - 1))) * (0.5 + Math.random() / 2);
    this.quiet = performance.now() + wait;
    this.soon(wait);
    return null;
  };
  // Asks how the attempt stands; true when it is this person's and the server answers.
  AnswerQueue.prototype.beat = function () {
    const queue = this;
    return fetch(this.options.pulse, { headers: { Accept: "application/json" }, redirect: "manual", credentials: "same-origin", cache: "no-store" })
      .then(function (response) {
        if (!response.ok) return queue.failed(response);
        return response.json().then(function (answer) {
          queue.token = answer.csrf;
          queue.failures = 0;
          queue.tell("pulse", answer);
          return true;
        });
      }, function () { return queue.failed(null); });
  };

  window.AcademyQueue = AnswerQueue;
})();
