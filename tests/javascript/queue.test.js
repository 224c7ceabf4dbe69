// What a person may rely on while typing: nothing typed is lost, nothing older wins, and the server is not stormed.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { AnswerQueue } from "../../quizzes/static/quizzes/queue.js";
import { open, reply, settle } from "./browser.js";

let world;
beforeEach(() => {
  world = open();
});

function queueOf(person = "7") {
  const queue = new AnswerQueue({ person, attempt: "a1", save: "/save", pulse: "/pulse", token: "first-token" });
  const heard = [];
  for (const name of ["receipt", "offline", "busy", "outside", "signin", "stranger", "idle"]) {
    queue.on(name, (detail) => heard.push(detail?.status ? `${name} ${detail.slot} ${detail.status}` : name));
  }
  return { queue, heard };
}

function sent(index) {
  return world.network.saved()[index].body.answers.map((entry) => [entry.slot, entry.raw.response]);
}

test("answers go in the order in which they were given, and leave the device with their receipts", async () => {
  const { queue, heard } = queueOf();
  queue.put(3, { response: "c" });
  queue.put(1, { response: "a" });
  queue.put(2, { response: "b" });
  assert.equal(queue.unsent(), 3);

  assert.equal(await queue.flush(), true);

  assert.deepEqual(sent(0), [
    [3, "c"],
    [1, "a"],
    [2, "b"],
  ]);
  assert.deepEqual(heard, ["receipt 3 saved", "receipt 1 saved", "receipt 2 saved", "idle"]);
  assert.equal(queue.unsent(), 0);
  assert.deepEqual(
    [...world.device.kept.keys()].filter((key) => key.startsWith("academy.answers.")),
    [],
  );
});

test("what is typed over before it was sent goes once, with the newest text", async () => {
  const { queue } = queueOf();
  for (const text of ["h", "he", "hello"]) {
    queue.put(1, { response: text });
    queue.soon(700);
    await world.clock.pass(200);
  }
  await world.clock.pass(1000);

  assert.equal(world.network.saved().length, 1);
  assert.deepEqual(sent(0), [[1, "hello"]]);
});

test("what is typed while an older text is on its way goes after it, and has a receipt of its own", async () => {
  const { queue } = queueOf();
  let arrive;
  world.network.answer = (request) =>
    new Promise((resolve) => {
      arrive = () => resolve(world.network.well(request));
    });
  queue.put(1, { response: "first" });
  const done = queue.flush();
  await settle();
  queue.put(1, { response: "second" });
  arrive();
  await settle();
  assert.equal(queue.holds(1).raw.response, "second");
  arrive();

  assert.equal(await done, true);
  assert.deepEqual(sent(0), [[1, "first"]]);
  assert.deepEqual(sent(1), [[1, "second"]]);
});

test("more than twenty answers go in more than one request", async () => {
  const { queue } = queueOf();
  for (let slot = 1; slot <= 45; slot += 1) queue.put(slot, { response: "x" });
  await queue.flush();
  assert.deepEqual(
    world.network.saved().map((request) => request.body.answers.length),
    [20, 20, 5],
  );
});

test("without a line all stays on the device, is tried ever more rarely, and goes when the line is back", async () => {
  const { queue, heard } = queueOf();
  world.network.answer = () => null;
  queue.put(1, { response: "a" });
  queue.soon(0);
  await world.clock.pass(5 * 60 * 1000);

  const tries = world.network.saved().length;
  assert.ok(tries >= 10 && tries <= 25, `${tries} tries in five minutes`);
  assert.equal(queue.unsent(), 1);
  assert.equal(heard[0], "offline");

  world.network.answer = (request) => world.network.well(request);
  world.page.emit("online");
  await settle();
  assert.equal(queue.unsent(), 0);
  assert.equal(world.network.saved().at(-1).body.answers[0].waited, true);
});

test("typing does not ask a server that does not answer more often", async () => {
  const { queue } = queueOf();
  world.network.answer = () => reply(503);
  queue.put(1, { response: "a" });
  queue.soon(0);
  await world.clock.pass(60 * 1000);
  const before = world.network.saved().length;
  for (let turn = 0; turn < 50; turn += 1) {
    queue.put(1, { response: `a${turn}` });
    queue.soon(0);
    await world.clock.pass(100);
  }
  assert.ok(world.network.saved().length - before <= 1);
});

test("a server that says when to ask again is asked then", async () => {
  const { queue, heard } = queueOf();
  world.network.answer = () => reply(503, {}, { "Retry-After": "20" });
  queue.put(1, { response: "a" });
  queue.soon(0);
  await world.clock.pass(9999);
  assert.equal(world.network.saved().length, 1);
  await world.clock.pass(10001);
  assert.equal(world.network.saved().length, 2);
  assert.equal(heard[0], "busy");
});

test("an answer that the server cannot read is given up alone; the others are saved", async () => {
  const { queue, heard } = queueOf();
  world.network.answer = (request) =>
    request.body.answers.some((entry) => entry.slot === 2) ? reply(400) : world.network.well(request);
  for (const slot of [1, 2, 3]) queue.put(slot, { response: "x" });

  assert.equal(await queue.flush(), true);
  assert.deepEqual(heard, ["receipt 1 saved", "receipt 2 refused", "receipt 3 saved", "idle"]);
});

test("an answer refused by a rule leaves the queue and says why, once", async () => {
  const { queue, heard } = queueOf();
  world.network.answer = () =>
    reply(200, { receipts: [{ status: "refused", slot: 1, sequence: 1, message: "Too long." }], flags: [] });
  queue.put(1, { response: "x" });
  await queue.flush();
  await world.clock.pass(60000);
  assert.deepEqual(heard, ["receipt 1 refused", "idle"]);
  assert.equal(world.network.saved().length, 1);
});

test("a session that ended keeps the answers and says so; signed in again, they go", async () => {
  const { queue, heard } = queueOf();
  world.network.answer = () => reply(401);
  queue.put(1, { response: "a" });
  assert.equal(await queue.flush(), false);
  assert.deepEqual(heard, ["signin", "idle"]);
  await world.clock.pass(10 * 60 * 1000);
  assert.equal(world.network.saved().length, 1, "nobody asks for somebody who is signed out");

  world.network.answer = (request) => world.network.well(request);
  assert.equal(await queue.flush(), true);
  assert.equal(queue.unsent(), 0);
});

test("a sign-in in another tab changes the token; the answer is sent again with the new one", async () => {
  const { queue } = queueOf();
  world.network.answer = (request) =>
    request.address === "/save" && request.headers["X-CSRFToken"] === "first-token"
      ? reply(403)
      : world.network.well(request);
  queue.put(1, { response: "a" });
  assert.equal(await queue.flush(), true);
  assert.deepEqual(
    world.network.requests.map((request) => [request.address, request.headers["X-CSRFToken"]]),
    [
      ["/save", "first-token"],
      ["/pulse", undefined],
      ["/save", "new-token"],
    ],
  );
});

test("a second tab counts on where the first one stands, so the later answer has the higher number", async () => {
  const { queue: first } = queueOf();
  first.put(1, { response: "a" });
  const { queue: second } = queueOf();
  second.put(2, { response: "b" });
  first.put(3, { response: "c" });
  assert.equal(first.tab, second.tab);
  assert.deepEqual(
    first.entries().map((entry) => [entry.slot, entry.sequence]),
    [
      [1, 1],
      [2, 2],
      [3, 3],
    ],
  );
});

test("a page opened later sends what an earlier one left on the device, as something that waited", async () => {
  const { queue: closed } = queueOf();
  closed.put(1, { response: "left behind" });
  const { queue: reopened } = queueOf();
  reopened.put(2, { response: "new" });
  await reopened.flush();
  assert.deepEqual(
    world.network.saved()[0].body.answers.map((entry) => [entry.raw.response, entry.waited]),
    [
      ["left behind", true],
      ["new", false],
    ],
  );
});

test("what one person left on a device is never sent by the page of another", async () => {
  queueOf("7").queue.put(1, { response: "mine" });
  const { queue: other } = queueOf("8");
  assert.equal(other.unsent(), 0);
  assert.equal(await other.flush(), true);
  assert.equal(world.network.saved().length, 0);
});

test("a device whose store is full still sends, and says that the page must stay open", async () => {
  const { queue } = queueOf();
  world.device.full = true;
  assert.equal(queue.put(1, { response: "a" }), false);
  assert.equal(queue.store.held.size, 1);
  assert.equal(await queue.flush(), true);
  assert.deepEqual(sent(0), [[1, "a"]]);
  assert.equal(queue.store.held.size, 0);
});

test("a device that cannot count for two tabs gives each a name: neither hides the other's answers", async () => {
  const { queue: first } = queueOf();
  const { queue: second } = queueOf();
  world.device.full = true;
  first.put(1, { response: "a" });
  second.put(1, { response: "b" });
  assert.notEqual(first.tab, second.tab);
});

test("a wrong clock of the device, or one set meanwhile, changes neither order nor waiting", async () => {
  const { queue } = queueOf();
  const real = Date.now;
  try {
    Date.now = () => Date.UTC(1999, 0, 1);
    queue.put(1, { response: "a" });
    Date.now = () => Date.UTC(1980, 0, 1);
    queue.put(2, { response: "b" });
    queue.soon(700);
    await world.clock.pass(700);
  } finally {
    Date.now = real;
  }
  assert.deepEqual(sent(0), [
    [1, "a"],
    [2, "b"],
  ]);
});

test("a flag changed while the old one was on its way is sent anew", async () => {
  const { queue } = queueOf();
  let turned = false;
  world.network.answer = (request) => {
    if (!turned) {
      turned = true;
      queue.flag(4, false);
    }
    return world.network.well(request);
  };
  queue.flag(4, true);
  assert.equal(await queue.flush(), true);
  assert.deepEqual(
    world.network.saved().map((request) => request.body.flags),
    [[{ slot: 4, flagged: true }], [{ slot: 4, flagged: false }]],
  );
});
