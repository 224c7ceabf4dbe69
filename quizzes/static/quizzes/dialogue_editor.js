// Draws the tree anew while the tables are written. Without it the tree is drawn at every saving.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector("[data-dialogue-tree]");
  if (!place) return;
  const form = place.closest("form");
  const address = form.querySelector("[data-tree-address]").dataset.treeAddress;
  let timer = null;
  let asked = 0;

  function draw() {
    const mine = ++asked;
    const data = new FormData(form);
    fetch(address, { method: "POST", body: data, headers: { Accept: "text/html" } })
      .then((response) => (response.ok ? response.text() : null))
      .then((html) => {
        if (html === null || mine !== asked) return;
        const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-dialogue-tree]");
        if (fresh) document.querySelector("[data-dialogue-tree]").replaceWith(fresh);
      })
      .catch(() => {
        /* the tree as it stands stays */
      });
  }
  form.addEventListener("input", (event) => {
    if (!event.target.hasAttribute("data-tree-source")) return;
    clearTimeout(timer);
    timer = setTimeout(draw, 500);
  });
});
