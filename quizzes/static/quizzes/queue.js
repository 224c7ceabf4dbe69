// The queue of unsent answers: on the device first, then on the server; an entry leaves when its receipt is here.
//
// Keys are academy.answers.<person>.<attempt>.<slot>.<sequence>: what one person typed is never sent or shown by a
// page of another. The counter is the browser's, shared by its tabs, and knows no clock.

const BATCH = 20;
const LONGEST_WAIT = 30000;

// Held by every open page of a paper.
export function pageLock(person, attempt) {
  return `academy.attempt.${person}.${attempt}`;
}

function random() {
  const bytes = new Uint8Array(12);
  crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The device's store; what it refuses is held by the page, and the page says so.
class Store {
  constructor(prefix) {
    this.prefix = prefix;
    this.held = new Map();
    this.works = true;
  }

  write(key, value) {
    try {
      localStorage.setItem(this.prefix + key, JSON.stringify(value));
      this.held.delete(key);
      return true;
    } catch {
      this.works = false;
      this.held.set(key, value);
      return false;
    }
  }

  read(key) {
    if (this.held.has(key)) return this.held.get(key);
    try {
      return JSON.parse(localStorage.getItem(this.prefix + key));
    } catch {
      return null;
    }
  }

  remove(key) {
    this.held.delete(key);
    try {
      localStorage.removeItem(this.prefix + key);
    } catch {
      /* closed to us: nothing lies there */
    }
  }

  keys() {
    const found = new Set(this.held.keys());
    try {
      for (let index = 0; index < localStorage.length; index += 1) {
        const key = localStorage.key(index);
        if (key.indexOf(this.prefix) === 0) found.add(key.slice(this.prefix.length));
      }
    } catch {
      /* closed to us */
    }
    return Array.from(found);
  }
}

// options: person, attempt, save, pulse, token.
// events: sending, receipt, flagged, pulse, offline, busy, outside, signin, stranger, idle.
export class AnswerQueue {
  constructor(options) {
    this.options = options;
    this.token = options.token;
    this.store = new Store(`academy.answers.${options.person}.${options.attempt}.`);
    this.counter = new Store(`academy.counter.${options.person}.${options.attempt}`);
    this.listeners = {};
    this.mine = {};
    this.tried = new Set();
    this.sending = null;
    this.timer = null;
    this.failures = 0;
    this.fresh = new Set();
    const stored = this.counter.read("");
    this.tab = stored?.tab ? stored.tab : random();
    this.last = stored?.last ? stored.last : 0;
    this.counter.write("", { tab: this.tab, last: this.last });
    if (!this.counter.works) this.tab = random();
    window.addEventListener("online", () => {
      this.failures = 0;
      this.flush();
    });
  }

  on(name, listener) {
    this.listeners[name] ??= [];
    this.listeners[name].push(listener);
    return this;
  }

  tell(name, detail) {
    (this.listeners[name] || []).forEach((listener) => {
      listener(detail);
    });
  }

  next() {
    const stored = this.counter.works ? this.counter.read("") : null;
    this.last = Math.max(this.last, stored && stored.tab === this.tab ? stored.last : 0) + 1;
    if (!this.counter.write("", { tab: this.tab, last: this.last }) && stored) {
      // Another tab may count on with this name: from here this page has a name of its own.
      this.tab = random();
      this.counter.held.clear();
    }
    return this.last;
  }

  // Keeps what a slot holds now; the page's own older unsent entry of that slot goes.
  put(slot, raw, base, again) {
    const sequence = this.next();
    const key = `${slot}.${sequence}`;
    const safe = this.store.write(key, {
      slot: slot,
      sequence: sequence,
      tab: this.tab,
      raw: raw,
      base: base || "",
      again: Boolean(again),
    });
    this.fresh.add(key);
    if (this.mine[slot] && !this.tried.has(this.mine[slot])) this.store.remove(this.mine[slot]);
    this.mine[slot] = key;
    return safe;
  }

  flag(slot, flagged) {
    this.store.write(`flag.${slot}`, { slot: slot, flagged: flagged });
  }

  entries() {
    const store = this.store;
    return store
      .keys()
      .filter((key) => key.indexOf("flag.") !== 0)
      .map((key) => Object.assign({ key: key }, store.read(key)))
      .filter((entry) => entry.slot && entry.raw)
      .sort((one, other) => one.sequence - other.sequence);
  }

  flags() {
    const store = this.store;
    return store
      .keys()
      .filter((key) => key.indexOf("flag.") === 0)
      .map((key) => Object.assign({ key: key }, store.read(key)));
  }

  // How many questions wait for the server.
  unsent() {
    return new Set(
      this.entries()
        .concat(this.flags())
        .map((entry) => entry.slot),
    ).size;
  }

  holds(slot) {
    return (
      this.entries()
        .filter((entry) => entry.slot === slot)
        .pop() || null
    );
  }

  soon(wait) {
    // While the server does not answer, typing does not ask more often.
    const due = Math.max(performance.now() + wait, this.failures ? this.quiet : 0);
    if (this.timer && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.flush();
    }, due - performance.now());
  }

  // Sends all there is; the promise is true when nothing is left to send.
  flush() {
    if (this.sending) {
      return this.sending.then((done) => (this.unsent() && done ? this.flush() : done));
    }
    clearTimeout(this.timer);
    this.timer = null;
    this.sending = this.round().then((done) => {
      this.sending = null;
      this.tell("idle", this.unsent());
      return done;
    });
    return this.sending;
  }

  round() {
    const size = this.single ? 1 : BATCH;
    const entries = this.entries().slice(0, size);
    const flags = this.single && entries.length ? [] : this.flags();
    if (!entries.length && !flags.length) return Promise.resolve(true);
    this.tell("sending");
    const body = JSON.stringify({
      tab: this.tab,
      answers: entries.map((entry) => {
        // What was typed on this page a moment ago and goes for the first time did not wait.
        const waited = !this.fresh.has(entry.key) || this.tried.has(entry.key);
        return {
          slot: entry.slot,
          sequence: entry.sequence,
          tab: entry.tab,
          raw: entry.raw,
          base: entry.base,
          waited: waited,
        };
      }),
      flags: flags.map((entry) => ({ slot: entry.slot, flagged: entry.flagged })),
    });
    entries.forEach((entry) => {
      this.tried.add(entry.key);
    });
    return this.post(body).then((answer) => {
      if (answer === null) return false;
      if (answer === "unreadable") return this.isolate(entries, flags);
      this.failures = 0;
      this.single = false;
      entries.forEach((entry, index) => {
        this.store.remove(entry.key);
        this.tried.delete(entry.key);
        this.fresh.delete(entry.key);
        if (answer.receipts[index]) this.tell("receipt", Object.assign({ entry: entry }, answer.receipts[index]));
      });
      flags.forEach((entry) => {
        const now = this.store.read(entry.key);
        if (now && now.flagged === entry.flagged) this.store.remove(entry.key);
      });
      answer.flags.forEach((flag) => {
        this.tell("flagged", flag);
      });
      this.tell("pulse", answer);
      return this.round();
    });
  }

  // One entry that the server cannot read must not hold up the others: they go one by one, and it is given up.
  isolate(entries, flags) {
    if (entries.length > 1 || (entries.length && flags.length)) {
      this.single = true;
      return this.round();
    }
    entries.concat(flags).forEach((entry) => {
      this.store.remove(entry.key);
      this.tell("receipt", {
        status: "refused",
        slot: entry.slot,
        sequence: entry.sequence,
        entry: entry,
        message: "",
      });
    });
    return this.round();
  }

  headers() {
    // A sign-in in another tab changes the token; the cookie holds the newest.
    const cookie = document.cookie.split("; ").find((part) => part.indexOf("csrftoken=") === 0);
    return {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRFToken": cookie ? decodeURIComponent(cookie.slice(10)) : this.token,
    };
  }

  post(body, again) {
    return fetch(this.options.save, {
      method: "POST",
      headers: this.headers(),
      body: body,
      redirect: "manual",
      credentials: "same-origin",
      keepalive: body.length < 30000,
    }).then(
      (response) => {
        if (response.ok) return response.json();
        if (response.status === 403 && !again) {
          // The token is of an earlier sign-in: a pulse brings the new one, or says that nobody is signed in.
          return this.beat().then((alive) => (alive ? this.post(body, true) : null));
        }
        if (response.status === 400 || response.status === 413) return "unreadable";
        return this.failed(response);
      },
      () => this.failed(null),
    );
  }

  failed(response) {
    if (response && (response.status === 401 || response.status === 403 || response.type === "opaqueredirect")) {
      this.tell("signin");
      return null;
    }
    if (response && response.status === 404) {
      this.tell("stranger");
      return null;
    }
    this.failures += 1;
    this.tell(!response ? "offline" : response.status === 423 ? "outside" : "busy");
    // A server that lost its database says when to ask again.
    const said = response?.headers ? 1000 * parseInt(response.headers.get("Retry-After"), 10) : 0;
    const wait = (said || Math.min(LONGEST_WAIT, 1000 * 2 ** (this.failures - 1))) * (0.5 + Math.random() / 2);
    this.quiet = performance.now() + wait;
    this.soon(wait);
    return null;
  }

  // Asks how the attempt stands; true when it is this person's and the server answers.
  beat() {
    return fetch(this.options.pulse, {
      headers: { Accept: "application/json" },
      redirect: "manual",
      credentials: "same-origin",
      cache: "no-store",
    }).then(
      (response) => {
        if (!response.ok) return this.failed(response);
        return response.json().then((answer) => {
          this.token = answer.csrf;
          this.failures = 0;
          this.tell("pulse", answer);
          return true;
        });
      },
      () => this.failed(null),
    );
  }
}
