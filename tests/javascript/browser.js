// What a page stands on, made by hand: a clock that only the test moves, a device's store, a network, a few elements.
// Nothing of our own code stands here.
import { EventEmitter } from "node:events";

export class Clock {
  constructor() {
    this.now = 1000;
    this.timers = new Map();
    this.count = 0;
  }

  add(act, wait, every) {
    this.count += 1;
    this.timers.set(this.count, { act, due: this.now + Math.max(0, wait || 0), every });
    return this.count;
  }

  // Lets the time pass: each timer at its moment, and what it promises before the next.
  async pass(milliseconds) {
    const end = this.now + milliseconds;
    await settle();
    for (;;) {
      const next = [...this.timers].filter(([, timer]) => timer.due <= end).sort((a, b) => a[1].due - b[1].due)[0];
      if (!next) break;
      const [name, timer] = next;
      this.now = Math.max(this.now, timer.due);
      if (timer.every) timer.due += timer.every;
      else this.timers.delete(name);
      timer.act();
      await settle();
    }
    this.now = end;
  }
}

export async function settle() {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
}

// The store of a device; "full" refuses to write, as a browser does.
export class Device {
  constructor() {
    this.kept = new Map();
    this.full = false;
  }
  get length() {
    return this.kept.size;
  }
  key(index) {
    return [...this.kept.keys()][index] ?? null;
  }
  getItem(key) {
    return this.kept.get(key) ?? null;
  }
  setItem(key, value) {
    if (this.full) throw new Error("QuotaExceededError");
    this.kept.set(key, String(value));
  }
  removeItem(key) {
    this.kept.delete(key);
  }
}

// Locks of the pages of one browser; a page that is open never gives its own back.
export class Locks {
  constructor() {
    this.held = new Set();
  }
  async request(name, options, act) {
    if (options.ifAvailable) return act(this.held.has(name) ? null : { name });
    this.held.add(name);
    return act({ name });
  }
}

export function reply(status, body = {}, headers = {}) {
  return { ok: status < 300, status, type: "basic", headers: new Headers(headers), json: async () => body };
}

// The line to the server. Each request is noted; "answer" says what comes back, and null is no line at all.
export class Network {
  constructor() {
    this.requests = [];
    this.pulse = { state: "in_progress", left: null, until: "", stamps: {}, csrf: "new-token", outside: false };
    this.answer = (request) => this.well(request);
  }

  fetch(address, options) {
    const request = { address, ...options, body: options.body ? JSON.parse(options.body) : null };
    this.requests.push(request);
    const answer = this.answer(request);
    return Promise.resolve(answer).then((response) => response ?? Promise.reject(new TypeError("Failed to fetch")));
  }

  // A server that is well: a receipt for each answer.
  well(request) {
    if (request.address !== "/save") return reply(200, this.pulse);
    const receipts = request.body.answers.map((entry) => ({
      status: "saved",
      slot: entry.slot,
      sequence: entry.sequence,
      tab: entry.tab,
      answered: true,
      at: "10:00:00",
    }));
    return reply(200, { receipts, flags: request.body.flags, ...this.pulse, stamps: undefined });
  }

  saved() {
    return this.requests.filter((request) => request.address === "/save");
  }
}

export class Place {
  constructor(data = {}, inside = {}) {
    this.dataset = data;
    this.inside = inside;
    this.textContent = "";
    this.hidden = true;
    this.classes = new Set();
    this.classList = { toggle: (name, on) => (on ? this.classes.add(name) : this.classes.delete(name)) };
    this.told = [];
  }
  querySelector(selector) {
    return this.inside[selector] ?? null;
  }
  hasAttribute() {
    return false;
  }
  dispatchEvent(event) {
    this.told.push(event.type);
  }
}

// A fresh browser for a test; a second page of the same person is a second object on the same one.
export function open() {
  const clock = new Clock();
  const device = new Device();
  const network = new Network();
  const page = new EventEmitter();
  const sheet = new EventEmitter();
  const visited = [];
  const document = {
    cookie: "",
    visibilityState: "visible",
    inside: {},
    querySelector: (selector) => document.inside[selector] ?? null,
    addEventListener: (name, act) => sheet.on(name, act),
  };
  const globals = {
    window: { addEventListener: (name, act) => page.on(name, act) },
    document,
    localStorage: device,
    navigator: { locks: new Locks() },
    location: { pathname: "/paper/", search: "", assign: (address) => visited.push(address) },
    performance: { now: () => clock.now },
    setTimeout: (act, wait) => clock.add(act, wait),
    setInterval: (act, wait) => clock.add(act, wait, wait),
    clearTimeout: (name) => clock.timers.delete(name),
    fetch: (address, options) => network.fetch(address, options),
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return { clock, device, network, page, sheet, document, visited };
}
