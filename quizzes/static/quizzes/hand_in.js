// Handing in: first everything that lies in the queue, then the paper. What is unsent is never left behind.
import { Standing } from "./standing.js";

const root = document.querySelector("[data-attempt][data-handing-in]");
const standing = new Standing(root);
const form = root.querySelector("[data-hand-in]");
const button = form.querySelector("button");

function refuse() {
  const unsent = standing.queue.unsent();
  standing.notice("unsent", unsent ? root.dataset.textUnsent.replace("{n}", String(unsent)) : root.dataset.textWait);
  button.disabled = false;
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  // A second click is the same hand-in.
  if (button.disabled) return;
  button.disabled = true;
  standing.queue.flush().then((done) => {
    if (!done || standing.queue.unsent()) refuse();
    else
      standing.handInIfThere(standing.reach()).then((there) => {
        if (!there) refuse();
      });
  });
});
standing.queue.on("receipt", (receipt) => {
  // The list of what is unanswered was made before this answer arrived.
  if (receipt.status === "saved") arrived = true;
});
let arrived = false;
standing.queue.flush().then((done) => {
  if (done && arrived) standing.leave(() => location.reload());
  else if (!done) refuse();
});
