// A drawing that is chosen for a lesson is seen below the list of their names.
(() => {
  function show(select) {
    const box = select.parentElement;
    let picture = box.querySelector(":scope > img[data-drawing]");
    if (!picture) {
      picture = document.createElement("img");
      picture.dataset.drawing = "";
      picture.width = 360;
      box.append(picture);
    }
    picture.hidden = !select.value;
    picture.alt = select.value ? select.selectedOptions[0].title : "";
    if (select.value) picture.src = select.dataset.drawings.replace("/name/", `/${select.value}/`);
  }

  function all(root) {
    for (const select of root.querySelectorAll?.("select[data-drawings]") || []) show(select);
  }

  function begin() {
    all(document);
    document.addEventListener("change", (event) => {
      if (event.target.matches?.("select[data-drawings]")) show(event.target);
    });
    // Blocks that are added later.
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of change.addedNodes) all(node);
    }).observe(document.body, { childList: true, subtree: true });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
