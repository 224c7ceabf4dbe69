// A select whose options belong to those of another one offers what belongs to what is chosen there;
// all where nothing is.
(() => {
  function follow(select) {
    const leader = select.form?.elements[select.dataset.follows];
    if (!leader) return;
    for (const option of select.options) {
      const other = Boolean(leader.value && option.dataset.of && option.dataset.of !== leader.value);
      option.disabled = other;
      option.hidden = other;
      if (other && option.selected) {
        select.value = "";
        select.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  }

  function all(root) {
    for (const select of root.querySelectorAll?.("select[data-follows]") || []) follow(select);
  }

  function begin() {
    all(document);
    document.addEventListener("change", (event) => {
      if (event.target.form) all(event.target.form);
    });
    // Windows that open later.
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of change.addedNodes) all(node);
    }).observe(document.body, { childList: true, subtree: true });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
