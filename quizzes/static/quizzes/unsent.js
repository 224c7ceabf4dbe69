// On every page of a person who is signed in: what was typed in a paper without a line, and still lies on this device,
// is sent. The page of the paper itself does that on its own.
import { AnswerQueue, pageLock } from "./queue.js";

export function attemptsWaiting(person) {
  const begins = `academy.answers.${person}.`;
  const found = new Set();
  try {
    for (let index = 0; index < localStorage.length; index += 1) {
      const key = localStorage.key(index);
      if (key.startsWith(begins)) found.add(key.slice(begins.length).split(".")[0]);
    }
  } catch {
    /* a closed store keeps nothing */
  }
  return Array.from(found);
}

// Resolves to null where nothing was sent, else to whether all of it was in time.
export async function sendWaiting(person, scope) {
  let outcome = null;
  for (const attempt of attemptsWaiting(person)) {
    const address = `${scope}quizzes/attempts/${attempt}/`;
    const queue = new AnswerQueue({
      person: person,
      attempt: attempt,
      save: `${address}answers/`,
      pulse: `${address}pulse/`,
      token: "",
    });
    queue.on("receipt", (receipt) => {
      outcome = outcome !== false && receipt.status !== "late";
    });
    // An open page of the paper sends it itself, and shows the receipts.
    await navigator.locks?.request(pageLock(person, attempt), { ifAvailable: true }, (lock) => lock && queue.flush());
  }
  return outcome;
}

const person = document.documentElement?.dataset.person;
if (person && !document.querySelector("[data-attempt]")) {
  const line = document.querySelector("[data-line-notice]");
  const scope = document.querySelector("script[data-scope]").dataset.scope;
  sendWaiting(person, scope).then((inTime) => {
    if (inTime === null || !line) return;
    line.hidden = false;
    line.textContent = inTime ? line.dataset.textSent : line.dataset.textLate;
  });
}
