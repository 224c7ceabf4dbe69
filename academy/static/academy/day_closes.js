// Escape closes the calendar of a field for a day, as it closes every other thing that opens over a page.
document.addEventListener("keydown", (event) => {
  const picker = window.jQuery?.(event.target);
  if (event.key !== "Escape" || !picker?.data("xdsoft_datetimepicker")) return;
  if (picker.data("xdsoft_datetimepicker").is(":visible")) event.stopPropagation();
  picker.datetimepicker("hide");
});
