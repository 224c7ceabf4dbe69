// One box ticks all that are listed; those that cannot be ticked stay as they are. What is ticked is counted on the way
// to the words of the reminder, which stand below the list.
(() => {
  for (const all of document.querySelectorAll("[data-select-all]")) {
    const boxes = Array.from(all.form.elements).filter(
      (one) => one.name === all.dataset.selectAll && one.type === "checkbox" && !one.disabled,
    );
    const show = () => {
      const ticked = boxes.filter((one) => one.checked).length;
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    const way = all.form.querySelector("[data-picked]");
    const count = () => {
      const ticked = boxes.filter((one) => one.checked).length;
      way.hidden = ticked === 0;
      way.querySelector("[data-picked-count]").textContent = String(ticked);
    };
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const one of boxes) one.checked = all.checked;
      count();
    });
    for (const one of boxes)
      one.addEventListener("change", () => {
        show();
        count();
      });
    show();
    count();
  }
})();
