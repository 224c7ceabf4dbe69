// A preset fills the ticks of the review matrix; a tick changed by hand makes it a matrix of its own.
document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("[data-presets]");
  const select = document.querySelector("select[name=review_preset]");
  if (!table || !select) return;
  const presets = JSON.parse(table.dataset.presets);
  const boxes = [...table.querySelectorAll("input[type=checkbox]")];
  const rowOf = (box) => box.name.slice(box.name.lastIndexOf("-") + 1);
  select.addEventListener("change", () => {
    const ticks = presets[select.value];
    if (ticks) for (const box of boxes) box.checked = (ticks[rowOf(box)] || []).includes(box.value);
  });
  table.addEventListener("change", () => {
    select.value = "";
  });
});
