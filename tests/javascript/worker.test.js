// The academy's worker in a browser: what it keeps, for whom, until when, and what it shows without a line.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../../academy/static/academy/service_worker.js", import.meta.url), "utf8");
const ORIGIN = "https://academy.example";
const LESSON = "/zh-hans/catalogue/a/one/";
const PAPER = "/quizzes/attempts/00000000-0000-4000-8000-000000000001/";
const MINUTE = 60_000;

const OURS = {
  keeps: true,
  scope: "/",
  files: "/static/",
  digests: true,
  shell: ["/static/academy/base.0123456789ab.css"],
  withoutLine: { "zh-hans": "/without-line/zh-hans/", en: "/without-line/en/" },
  language: "zh-hans",
  signOut: ["/accounts/logout/"],
};

// What a browser lends a worker, made by hand.
class Cache {
  constructor() {
    this.held = new Map();
  }
  address(wanted) {
    return new URL(typeof wanted === "string" ? wanted : wanted.url, ORIGIN).href;
  }
  async match(wanted) {
    return this.held.get(this.address(wanted))?.clone();
  }
  async put(wanted, response) {
    const copy = new Response(await response.arrayBuffer(), { status: response.status, headers: response.headers });
    this.held.set(this.address(wanted), copy);
  }
  async delete(wanted) {
    return this.held.delete(this.address(wanted));
  }
  async keys() {
    return [...this.held.keys()].map((url) => ({ url }));
  }
}

class Caches {
  constructor() {
    this.all = new Map();
  }
  async open(name) {
    if (!this.all.has(name)) this.all.set(name, new Cache());
    return this.all.get(name);
  }
  async keys() {
    return [...this.all.keys()];
  }
  async delete(name) {
    return this.all.delete(name);
  }
  names() {
    return [...this.all.keys()].sort();
  }
  addresses(name) {
    return [...(this.all.get(name)?.held.keys() ?? [])].map((one) => new URL(one).pathname).sort();
  }
}

class World {
  constructor() {
    this.caches = new Caches();
    this.now = Date.UTC(2026, 10, 30, 9);
    this.line = true;
    this.pages = new Map();
    // Addresses whose answer waits for a promise; it was made when it was asked for.
    this.slow = new Map();
    this.asked = [];
    this.told = [];
    this.gone = false;
    for (const address of ["/without-line/zh-hans/", "/without-line/en/"])
      this.page(address, { text: `<html lang="x"><title>${address}</title>` });
    this.page(OURS.shell[0], { text: "body{}", type: "text/css" });
  }

  page(address, { text = "", type = "text/html; charset=utf-8", status = 200, ...headers }) {
    this.pages.set(address, { text, status, headers: { "Content-Type": type, ...headers } });
  }

  fetch(wanted) {
    const url = new URL(typeof wanted === "string" ? wanted : wanted.url, ORIGIN);
    this.asked.push(url.pathname);
    // A browser that goes back asks nobody else for what a form answered.
    if (wanted.isHistoryNavigation) return Promise.reject(new TypeError("Failed to fetch"));
    if (!this.line) return Promise.reject(new TypeError("Failed to fetch"));
    const found = this.pages.get(url.pathname);
    const answer = new Response(found?.text ?? "", { status: found?.status ?? 404, headers: found?.headers });
    return (this.slow.get(url.pathname) ?? Promise.resolve()).then(() => answer);
  }

  // A fresh worker on the same device: what it knew in its memory is gone.
  start(changes = {}) {
    const world = this;
    this.listeners = {};
    const scope = {
      ACADEMY: { ...OURS, ...changes },
      location: new URL(ORIGIN),
      addEventListener: (name, act) => {
        this.listeners[name] = act;
      },
      skipWaiting: () => {},
      clients: {
        claim: async () => {},
        matchAll: async () => [{ postMessage: (message) => this.told.push(message) }],
      },
      registration: {
        unregister: async () => {
          this.gone = true;
        },
      },
    };
    class Moment extends Date {
      static now() {
        return world.now;
      }
    }
    vm.runInNewContext(SOURCE, {
      self: scope,
      caches: this.caches,
      fetch: (wanted) => this.fetch(wanted),
      Date: Moment,
      URL,
      Response,
      Headers,
    });
  }

  async tell(name, event) {
    const waiting = [];
    let answer = null;
    this.listeners[name]({
      ...event,
      waitUntil: (promise) => waiting.push(promise),
      respondWith: (promise) => {
        answer = promise;
      },
    });
    const response = answer ? await answer : null;
    // What is waited for may wait for more.
    for (let index = 0; index < waiting.length; index += 1) await waiting[index];
    return response;
  }

  async live() {
    this.start();
    await this.tell("install", {});
    await this.tell("activate", {});
  }

  ask(
    address,
    { method = "GET", mode = "navigate", headers = {}, destination = "", isHistoryNavigation = false } = {},
  ) {
    const told = { method, mode, destination, isHistoryNavigation };
    const request = { url: ORIGIN + address, ...told, headers: new Headers(headers) };
    return this.tell("fetch", { request });
  }

  async read(address, options) {
    const response = await this.ask(address, options);
    return response ? response.text() : null;
  }
}

const of = (person, more = {}) => ({ "Academy-Person": person, "Content-Language": "zh-hans", ...more });
const lesson = (person, text = "<html lang=x><title>One · Academy</title>") => ({
  text: text,
  ...of(person, { "Academy-Keep": "lesson; seconds=5184000" }),
});
const paper = (person, seconds = 3600) => ({
  text: "<html lang=x><title>Paper · Academy</title>",
  ...of(person, { "Academy-Keep": `paper; seconds=${seconds}` }),
});

let world;
beforeEach(async () => {
  world = new World();
  await world.live();
});

test("a lesson that was opened is read without a line, and says that it is a copy", async () => {
  world.page(LESSON, lesson("7"));
  assert.equal(await world.read(LESSON), "<html lang=x><title>One · Academy</title>");
  world.line = false;
  const text = await world.read(`${LESSON}?from=search`);
  assert.match(text, /^<html data-kept-at="\d+" lang=x><title>One/);
});

test("with a line the server's page counts, however new the copy is", async () => {
  world.page(LESSON, lesson("7"));
  await world.read(LESSON);
  world.page(LESSON, lesson("7", "<html lang=x>newer"));
  assert.equal(await world.read(LESSON), "<html lang=x>newer");
});

test("what the server did not allow is not kept: ours stands there, in the language last read", async () => {
  world.page("/", { text: "home", ...of("7", { "Content-Language": "en" }) });
  await world.read("/");
  world.line = false;
  assert.match(await world.read("/"), /\/without-line\/en\//);
  assert.deepEqual(world.caches.addresses("academy.kept.7"), []);
});

test("a press that was not sent says so", async () => {
  world.line = false;
  assert.match(await world.read("/my/profile/", { method: "POST" }), /data-asked-by="POST"/);
});

test("back to what a form answered reads its page, and does not say that nothing was sent", async () => {
  world.page("/team/", { text: "my team", ...of("7") });
  assert.equal(await world.read("/team/", { method: "POST", isHistoryNavigation: true }), "my team");
  world.line = false;
  assert.match(await world.read("/team/", { method: "POST", isHistoryNavigation: true }), /data-asked-by="GET"/);
});

test("what stands between the marks never reaches the device", async () => {
  const key =
    "<html lang=x>before<!-- not kept -->the key\n is B<!-- kept again -->between<!-- not kept -->x<!-- kept again -->";
  world.page(LESSON, lesson("7", key));
  await world.read(LESSON);
  world.line = false;
  assert.match(await world.read(LESSON), /beforebetween$/);
});

test("another person's sign-in erases what is not theirs before their first page is shown", async () => {
  world.page(LESSON, lesson("7"));
  await world.read(LESSON);
  world.page("/", { text: "home", ...of("8") });
  await world.read("/");
  assert.deepEqual(world.caches.addresses("academy.kept.7"), []);
  world.line = false;
  assert.match(await world.read(LESSON), /without-line/);
});

test("where nobody is signed in nothing is shown; the same person finds it again", async () => {
  world.page(LESSON, lesson("7"));
  await world.read(LESSON);
  world.page("/accounts/login/", { text: "sign in", ...of("-") });
  await world.read("/accounts/login/");
  world.line = false;
  assert.match(await world.read(LESSON), /without-line/);
  world.line = true;
  world.page("/", { text: "home", ...of("7") });
  await world.read("/");
  world.line = false;
  assert.match(await world.read(LESSON), /One/);
});

test("signing out erases everything, also where the answer never comes", async () => {
  world.page(LESSON, lesson("7"));
  await world.read(LESSON);
  world.line = false;
  await world.read("/accounts/logout/", { method: "POST" });
  assert.deepEqual(world.caches.addresses("academy.kept.7"), []);
  assert.match(await world.read(LESSON), /without-line/);
});

for (const moment of ["before", "while"])
  test(`a slow page, asked for ${moment} the sign-out, is not kept and signs nobody in`, async () => {
    const arrives = {};
    for (const address of [LESSON, "/accounts/logout/"])
      world.slow.set(
        address,
        new Promise((resolve) => {
          arrives[address] = resolve;
        }),
      );
    world.page("/", { text: "home", ...of("7") });
    world.page(LESSON, lesson("7"));
    world.page("/accounts/logout/", { text: "bye", ...of("-") });
    await world.read("/");
    let slow = moment === "before" ? world.read(LESSON) : null;
    const leaving = world.read("/accounts/logout/", { method: "POST" });
    slow = slow ?? world.read(LESSON);
    await new Promise(setImmediate);
    arrives["/accounts/logout/"]();
    await leaving;
    arrives[LESSON]();
    await slow;
    assert.deepEqual(world.caches.addresses("academy.kept.7"), []);
    world.line = false;
    assert.match(await world.read(LESSON), /without-line/);
    world.line = true;
    await world.read("/");
    world.slow.clear();
    await world.read(LESSON);
    assert.deepEqual(world.caches.addresses("academy.kept.7"), [LESSON]);
  });

test("a worker that was stopped knows still whose device it is", async () => {
  world.page(LESSON, lesson("7"));
  await world.read(LESSON);
  world.start();
  world.line = false;
  assert.match(await world.read(LESSON), /One/);
});

test("one copy stands for every place of a paper, with the pages that its script asked for", async () => {
  world.page(PAPER, paper("7"));
  world.page(`${PAPER}paper/`, {
    text: '{"pages":{}}',
    type: "application/json",
    "Academy-Keep": "paper; seconds=3600",
  });
  await world.read(`${PAPER}?slot=2`);
  const asked = { mode: "cors", headers: { "X-Keep": "1" } };
  await world.read(`${PAPER}paper/`, asked);
  world.line = false;
  assert.match(await world.read(`${PAPER}?slot=9`), /Paper/);
  assert.equal(await world.read(`${PAPER}paper/`, asked), '{"pages":{}}');
  assert.ok((await world.ask(`${PAPER}paper/`, asked)).headers.has("X-Kept-At"));
});

test("a paper goes with its pictures when the receipt of handing in comes", async () => {
  world.page("/media/q.png", { text: "picture", type: "image/png" });
  world.page(PAPER, { ...paper("7"), text: '<html lang=x><img src="/media/q.png">' });
  world.page(LESSON, lesson("7"));
  await world.read(LESSON);
  await world.read(PAPER);
  assert.deepEqual(world.caches.addresses("academy.kept.7"), ["/media/q.png", PAPER, LESSON].sort());
  world.page(`${PAPER}result/`, { text: "result", ...of("7", { "Academy-Forget": PAPER }) });
  await world.read(`${PAPER}result/`);
  assert.deepEqual(world.caches.addresses("academy.kept.7"), [LESSON]);
});

test("past its end a paper is shown no more, and goes with the next page", async () => {
  world.page(PAPER, paper("7", 600));
  await world.read(PAPER);
  world.now += 10 * MINUTE + 1;
  world.line = false;
  assert.match(await world.read(PAPER), /without-line/);
  world.line = true;
  await world.read(PAPER);
  world.now += 11 * MINUTE;
  world.page("/", { text: "home", ...of("7") });
  await world.read("/");
  assert.deepEqual(world.caches.addresses("academy.kept.7"), []);
});

test("files with a digest are asked for once; those of no kept page go with a new edition", async () => {
  const script = "/static/courses/lesson.0123456789ab.js";
  const other = "/static/academy/other.0123456789ab.css";
  for (const address of [script, other]) world.page(address, { text: "x", type: "text/plain" });
  world.page(LESSON, lesson("7", `<html lang=x><script src="${script}"></script>`));
  await world.read(LESSON);
  await world.ask(other, { mode: "no-cors" });
  world.asked.length = 0;
  for (const address of [script, other]) await world.ask(address, { mode: "no-cors" });
  assert.deepEqual(world.asked, []);
  await world.live();
  assert.ok(world.caches.addresses("academy.files").includes(script));
  assert.ok(!world.caches.addresses("academy.files").includes(other));
});

test("a page that was there before its worker asks to be kept, and is", async () => {
  world.page(LESSON, lesson("7"));
  await world.tell("message", { data: { kind: "keep", address: ORIGIN + LESSON } });
  world.line = false;
  assert.match(await world.read(LESSON), /One/);
});

test("at most eighty lessons lie on a device; the oldest go", async () => {
  for (let number = 0; number < 82; number += 1) {
    world.page(`/en/${number}/`, lesson("7"));
    world.now += 1000;
    await world.read(`/en/${number}/`);
  }
  const held = world.caches.addresses("academy.kept.7");
  assert.equal(held.length, 80);
  assert.ok(!held.includes("/en/1/") && held.includes("/en/2/"));
});

test("switched off, the next edition erases everything, tells the open pages and takes its leave", async () => {
  world.page(LESSON, lesson("7"));
  await world.read(LESSON);
  world.start({ keeps: false });
  await world.tell("install", {});
  await world.tell("activate", {});
  assert.deepEqual(world.caches.names(), []);
  // The message was made in the worker's own realm.
  assert.equal(JSON.stringify(world.told), '[{"kind":"erase"}]');
  assert.equal(world.gone, true);
});

test("sent away by a page that knows of the switch, it erases everything and answers nothing more", async () => {
  world.page(LESSON, lesson("7"));
  await world.read(LESSON);
  await world.tell("message", { data: { kind: "leave" } });
  assert.equal(await world.ask(LESSON), null);
  assert.equal(await world.ask(OURS.shell[0], { mode: "no-cors" }), null);
  assert.deepEqual(world.caches.names(), []);
  assert.equal(world.gone, true);
});

test("posts of scripts, videos and other sites are none of its business", async () => {
  assert.equal(await world.ask("/save/", { method: "POST", mode: "cors" }), null);
  assert.equal(await world.ask("/media/film.mp4", { mode: "no-cors", headers: { Range: "bytes=0-" } }), null);
});
