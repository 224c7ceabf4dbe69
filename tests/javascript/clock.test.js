// The clock of a paper: the server's seconds counted down, whatever the device's own clock says.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Countdown } from "../../quizzes/static/quizzes/countdown.js";
import { Standing } from "../../quizzes/static/quizzes/standing.js";
import { open, Place, reply, settle } from "./browser.js";

const WORDS = {
  label: "Time left",
  hours: "0 h",
  minutes: "0 min",
  seconds: "0 s",
  spokenMinutes: "0 minutes",
  spokenSeconds: "0 seconds",
};
const TEXTS = {
  person: "7",
  attemptId: "a1",
  save: "/save",
  pulse: "/pulse",
  submit: "/submit/",
  signin: "/sign-in/",
  textUntil: "You have time until {time}.",
  textOver: "The time is over.",
  textSignedout: "You are signed out.",
  textSignin: "Sign in",
  textOffline: "No network.",
  textBack: "The network is back.",
};

let world;
beforeEach(() => {
  world = open();
  world.document.inside = {
    "[data-spoken]": new Place(),
    "[data-spoken-now]": new Place(),
    "[data-until]": new Place({ text: "handed in for you at 00:00" }),
  };
});

function countdownOf(left) {
  const place = new Place({ ...WORDS, left: String(left) });
  let over = 0;
  const clock = new Countdown(place, () => {
    over += 1;
  });
  return { place, clock, over: () => over };
}

// The page of a paper with a clock.
async function standingOf(left, more = {}) {
  const place = new Place({ ...WORDS, left: String(left) });
  world.document.inside["[data-countdown]"] = place;
  const link = new Place();
  const line = new Place({}, { "[data-notice-text]": new Place(), "[data-notice-link]": link });
  const root = new Place({ ...TEXTS, ...more }, { "[data-notice]": line, "[data-said]": new Place() });
  const standing = new Standing(root);
  standing.channel?.close();
  await settle();
  return { standing, place, line, link, text: line.inside["[data-notice-text]"], root };
}

test("the seconds are counted down and written in words", async () => {
  const { place } = countdownOf(3725);
  assert.equal(place.textContent, "Time left 1 h 2 min 5 s");
  await world.clock.pass(65_100);
  assert.equal(place.textContent, "Time left 1 h 1 min 0 s");
});

test("each full minute is said softly, the last ten seconds at once", async () => {
  countdownOf(121);
  const spoken = world.document.inside["[data-spoken]"];
  const urgent = world.document.inside["[data-spoken-now]"];
  await world.clock.pass(1100);
  assert.equal(spoken.textContent, "Time left 2 minutes");
  await world.clock.pass(110_000);
  assert.equal(urgent.textContent, "10 seconds");
  await world.clock.pass(3000);
  assert.equal(urgent.textContent, "7 seconds");
});

test("when the time is over it is told once", async () => {
  const { place, over } = countdownOf(5);
  await world.clock.pass(4900);
  assert.equal(over(), 0);
  await world.clock.pass(60_000);
  assert.equal(over(), 1);
  assert.equal(place.textContent, "Time left 0 s");
});

test("a wrong clock of the device, or one set meanwhile, moves no second", async () => {
  const real = Date.now;
  try {
    Date.now = () => Date.UTC(1999, 0, 1);
    const { clock, over } = countdownOf(60);
    await world.clock.pass(30_000);
    Date.now = () => Date.UTC(2040, 0, 1);
    await world.clock.pass(1000);
    assert.equal(clock.left(), 29);
    assert.equal(over(), 0);
  } finally {
    Date.now = real;
  }
});

test("minutes that the invigilator gives are on the clock with the server's next word, and are said", async () => {
  const { standing, place, text } = await standingOf(600);
  world.network.pulse = { ...world.network.pulse, left: 1200, until: "11:30" };
  await standing.queue.beat();
  assert.equal(place.textContent, "Time left 20 min 0 s");
  assert.equal(text.textContent, "You have time until 11:30.");
  assert.equal(world.document.inside["[data-until]"].textContent, "handed in for you at 11:30");
});

test("a clock that drifted by a moment is set right without a word", async () => {
  const { standing, place, line } = await standingOf(600);
  world.network.pulse = { ...world.network.pulse, left: 597.2, until: "11:00" };
  await standing.queue.beat();
  assert.equal(place.textContent, "Time left 9 min 58 s");
  assert.equal(line.hidden, true);
});

test("time given after the end starts the clock again, and its second end is told too", async () => {
  const { clock, over } = countdownOf(2);
  await world.clock.pass(3000);
  clock.set(10);
  assert.equal(over(), 1);
  await world.clock.pass(11_000);
  assert.equal(over(), 2);
});

test("a page in the background asks nothing; seen again, the server's time counts and answers go", async () => {
  const { standing, place } = await standingOf(3600);
  world.document.visibilityState = "hidden";
  world.network.requests.length = 0;
  await world.clock.pass(20 * 60 * 1000);
  assert.equal(world.network.requests.length, 0);

  standing.queue.put(1, { response: "a" });
  world.network.pulse = { ...world.network.pulse, left: 1000, until: "10:50" };
  world.document.visibilityState = "visible";
  world.sheet.emit("visibilitychange");
  await settle();
  assert.equal(place.textContent, "Time left 16 min 40 s");
  assert.equal(standing.queue.unsent(), 0);
});

test("an open page asks about once a minute, and not at all while its answers bring the word", async () => {
  const { standing } = await standingOf(3600);
  world.network.requests.length = 0;
  await world.clock.pass(4 * 60 * 1000);
  assert.equal(world.network.requests.length, 4);
  world.network.requests.length = 0;
  for (let turn = 0; turn < 12; turn += 1) {
    standing.queue.put(1, { response: String(turn) });
    standing.queue.soon(0);
    await world.clock.pass(20_000);
  }
  assert.deepEqual([...new Set(world.network.requests.map((request) => request.address))], ["/save"]);
});

test("in an exam the word of the room comes within ten seconds, with a page turned, or with an answer", async () => {
  const { standing } = await standingOf(3600, { notes: "/notes" });
  const asked = () =>
    world.network.requests.filter((request) => request.address !== "/notes").map((one) => one.address);
  world.network.requests.length = 0;
  await world.clock.pass(60_000);
  assert.deepEqual(asked(), Array(6).fill("/pulse"));

  world.network.requests.length = 0;
  for (let turn = 0; turn < 8; turn += 1) {
    standing.queue.put(1, { response: String(turn) });
    standing.queue.soon(0);
    await world.clock.pass(8000);
  }
  assert.deepEqual([...new Set(asked())], ["/save"]);

  world.network.requests.length = 0;
  standing.turned();
  standing.turned();
  await settle();
  const turned = asked().length;
  assert.ok(turned >= 1);
  world.network.pulse = { ...world.network.pulse, state: "finished", left: 0 };
  await world.clock.pass(3000);
  standing.turned();
  await settle();
  assert.deepEqual(world.visited, ["/submit/"]);
});

test("a paper that the server closed leads to the hand-in", async () => {
  const { standing } = await standingOf(600);
  world.network.pulse = { ...world.network.pulse, state: "finished", left: 0 };
  await standing.queue.beat();
  assert.deepEqual(world.visited, ["/submit/"]);
});

test("the word that the paper is closed and the hand-in at the end of the time are one going", async () => {
  world.document.createElement = () => ({ appendChild: () => {}, submit: () => world.visited.push("handed in") });
  world.document.body = { appendChild: () => {} };
  const { standing } = await standingOf(3);
  world.network.pulse = { ...world.network.pulse, state: "finished", left: 0 };
  await world.clock.pass(3100);
  await standing.queue.beat();
  assert.equal(world.visited.length, 1);

  await world.clock.pass(16_000);
  await standing.queue.beat();
  assert.equal(world.visited.length, 2);
});

test("a session that ended says so with the way back to this page, and is quiet once it is mended", async () => {
  const { standing, line, link, text } = await standingOf(600);
  world.network.answer = () => reply(401);
  await standing.queue.beat();
  assert.equal(text.textContent, "You are signed out.");
  assert.equal(link.href, "/sign-in/?next=%2Fpaper%2F");

  world.network.answer = (request) => world.network.well(request);
  await standing.queue.beat();
  assert.equal(line.hidden, true);
});
