// A paper without a line: what the browser keeps of it, when its time ends, and what is sent later.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { KeptPaper } from "../../quizzes/static/quizzes/kept_paper.js";
import { AnswerQueue } from "../../quizzes/static/quizzes/queue.js";
import { Standing } from "../../quizzes/static/quizzes/standing.js";
import { open, Place, reply, settle } from "./browser.js";

const KEPT = "academy.kept.7.a1";
let world;
beforeEach(() => {
  world = open();
  world.document.inside = { "[data-spoken]": new Place(), "[data-spoken-now]": new Place() };
  world.document.documentElement = { dataset: {} };
  world.document.createElement = () => ({ appendChild: () => {}, submit: () => world.visited.push("handed in") });
  world.document.body = { appendChild: () => {} };
  Date.now = () => 1_000_000 + world.clock.now;
});

async function standingOf(left, { copy = false } = {}) {
  if (copy) world.document.documentElement.dataset.keptAt = "1";
  const data = {
    label: "Time left",
    hours: "0 h",
    minutes: "0 min",
    seconds: "0 s",
    spokenSeconds: "0",
    spokenMinutes: "0",
  };
  const place = new Place({ ...data, left: String(left) });
  world.document.inside["[data-countdown]"] = place;
  const words = {
    textOver: "Over.",
    textOverKept: "Over; kept.",
    textOffline: "No network.",
    textBack: "Back.",
    textUntil: "{time}",
  };
  const line = new Place({}, { "[data-notice-text]": new Place(), "[data-notice-link]": new Place() });
  const root = new Place(
    { person: "7", attemptId: "a1", save: "/save", pulse: "/pulse", submit: "/submit/", ...words },
    { "[data-notice]": line, "[data-said]": new Place() },
  );
  root.hasAttribute = (name) => name === "data-keep";
  const standing = new Standing(root);
  standing.channel?.close();
  await settle();
  return { standing, place, text: line.inside["[data-notice-text]"] };
}

test("a copy counts down from the end that the server named last", async () => {
  const { standing } = await standingOf(600);
  world.network.pulse = { ...world.network.pulse, left: 1200, until: "11:00" };
  world.document.inside["[data-until]"] = new Place({ text: "00:00" });
  await standing.queue.beat();
  world.clock.now += 60_000;
  const { place } = await standingOf(600, { copy: true });
  assert.equal(place.textContent, "Time left 19 min 0 s");
});

test("what the server has is kept with its stamp, until some minutes after the end", () => {
  const kept = new KeptPaper("7", "a1");
  kept.left(60);
  kept.saved(2, { raw: { response: "b" }, stamp: "t:4", at: "10:00:00", answered: true });
  kept.flagged(3, true);
  const held = JSON.parse(world.device.getItem(KEPT));
  assert.deepEqual(held.slots, { 2: { raw: { response: "b" }, stamp: "t:4", at: "10:00:00", answered: true } });
  assert.deepEqual(held.flags, { 3: true });
  assert.equal(held.until, Date.now() + 60_000 + 15 * 60_000);
});

test("time that ends without a line says that the answers are kept; with the line they go, and the paper", async () => {
  const { standing, text } = await standingOf(5);
  world.network.answer = () => null;
  standing.queue.put(1, { response: "a" });
  await world.clock.pass(6000);
  assert.equal(text.textContent, "Over; kept.");
  await world.clock.pass(120_000);
  assert.equal(text.textContent, "Over; kept.");
  assert.deepEqual(world.visited, []);
  assert.equal(standing.queue.unsent(), 1);

  world.network.answer = (request) => world.network.well(request);
  await world.clock.pass(60_000);
  assert.equal(standing.queue.unsent(), 0);
  assert.deepEqual(world.visited, ["handed in"]);
});

test("with nothing to send the hand-in waits for the line all the same", async () => {
  const { text } = await standingOf(5);
  world.network.answer = () => null;
  await world.clock.pass(90_000);
  assert.equal(text.textContent, "Over; kept.");
  assert.deepEqual(world.visited, []);
  world.network.answer = (request) => world.network.well(request);
  await world.clock.pass(60_000);
  assert.deepEqual(world.visited, ["handed in"]);
});

test("a server that does not answer is not said to be back because nothing waits for it", async () => {
  const { standing, text } = await standingOf(3600);
  world.network.answer = () => null;
  await standing.queue.beat();
  await world.clock.pass(4000);
  assert.equal(text.textContent, "No network.");
});

test("answers of a paper whose page is gone are sent from any page of their person, and of nobody else", async () => {
  for (const [person, attempt] of [
    ["7", "a1"],
    ["8", "a2"],
  ])
    new AnswerQueue({ person, attempt, save: "/save", pulse: "/pulse", token: "" }).put(1, { response: person });
  const { attemptsWaiting, sendWaiting } = await import("../../quizzes/static/quizzes/unsent.js");
  assert.deepEqual(attemptsWaiting("7"), ["a1"]);
  const closed = navigator.locks;
  navigator.locks = { request: (_name, _options, act) => act(null) };
  assert.equal(await sendWaiting("7", "/"), null, "an open page of the paper sends it itself");
  navigator.locks = closed;
  const answer = world.network.answer;
  world.network.answer = (request) => answer({ ...request, address: "/save" });
  assert.equal(await sendWaiting("7", "/"), true);
  assert.deepEqual(
    world.network.requests.map((request) => [request.address, request.body.answers[0].raw]),
    [["/quizzes/attempts/a1/answers/", { response: "7" }]],
  );
  assert.deepEqual(attemptsWaiting("7"), []);
  assert.deepEqual(attemptsWaiting("8"), ["a2"]);

  new AnswerQueue({ person: "7", attempt: "a1", save: "/save", pulse: "/pulse", token: "" }).put(1, { response: "c" });
  world.network.answer = () =>
    reply(200, { receipts: [{ status: "late", slot: 1, sequence: 2 }], flags: [], ...world.network.pulse });
  assert.equal(await sendWaiting("7", "/"), false);
});
