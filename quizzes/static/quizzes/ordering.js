// Moves a line of an ordering question without a post; without this script the same buttons post.
(() => {
  document.querySelectorAll("[data-ordering]").forEach((root) => {
    if (root.dataset.ready) return;
    root.dataset.ready = "1";
    const list = root.querySelector("ol");
    const shown = root.querySelector("[name=response-shown]");
    const asShown = root.querySelector("[data-as-shown]");
    const said = root.querySelector("[data-ordering-said]");
    const items = () => Array.from(list.children);

    function number() {
      items().forEach((item, place, all) => {
        item.querySelector("select").value = String(place + 1);
        const buttons = item.querySelectorAll("button");
        buttons[0].disabled = place === 0;
        buttons[1].disabled = place === all.length - 1;
      });
      if (asShown) asShown.hidden = true;
      shown.value = items()
        .map((item) => item.dataset.item)
        .join(",");
    }
    function place(item, index) {
      const others = items().filter((one) => one !== item);
      list.insertBefore(item, others[index] || null);
      items().forEach((one) => {
        one.classList.toggle("is-moved", one === item);
      });
      number();
      said.textContent = `${item.querySelector(".ordering__text").textContent}: ${root.dataset.textMoved} ${index + 1}`;
    }
    list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      event.preventDefault();
      const item = button.closest("li");
      const up = button.value.endsWith(":up");
      place(item, Math.max(0, items().indexOf(item) + (up ? -1 : 1)));
      const same = item.querySelectorAll("button")[up ? 0 : 1];
      (same.disabled ? item.querySelectorAll("button")[up ? 1 : 0] : same).focus();
      item.querySelector("select").dispatchEvent(new Event("change", { bubbles: true }));
    });
    if (asShown)
      asShown.addEventListener("click", (event) => {
        event.preventDefault();
        place(items()[0], 0);
        items()[0]
          .querySelector("select")
          .dispatchEvent(new Event("change", { bubbles: true }));
      });
    // In the capture phase, so that what is saved on "change" is the whole new order.
    list.addEventListener(
      "change",
      (event) => {
        if (event.target.tagName !== "SELECT" || !event.isTrusted || !event.target.value) return;
        place(event.target.closest("li"), Number(event.target.value) - 1);
        event.target.focus();
      },
      true,
    );
  });
})();
