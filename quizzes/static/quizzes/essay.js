// Counts words as the server does: each Chinese character, and each run of other letters or digits.
(() => {
  const han = /[\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff]|[\ud840-\udbbf][\udc00-\udfff]/g;
  document.querySelectorAll("[data-words]").forEach((area) => {
    const place = area.closest("fieldset").querySelector("[data-word-count]");
    const count = () => {
      const text = area.value;
      const words =
        (text.match(han) || []).length +
        (text.replace(han, " ").match(/[\p{L}\p{N}]+(?:['’\-.][\p{L}\p{N}]+)*/gu) || []).length;
      place.textContent = String(words);
      const least = Number(place.dataset.least),
        most = Number(place.dataset.most);
      place.classList.toggle("is-outside", (most > 0 && words > most) || (least > 0 && words > 0 && words < least));
    };
    area.addEventListener("input", count);
    count();
  });
})();
