// One box ticks all that are listed; those that cannot be ticked stay as they are.
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
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const one of boxes) one.checked = all.checked;
    });
    for (const one of boxes) one.addEventListener("change", show);
    show();
  }
})();
