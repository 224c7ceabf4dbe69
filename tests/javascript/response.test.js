// What was chosen before the scripts of a page ran is noticed when they do: nobody else would save it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { showChosen, touched } from "../../quizzes/static/quizzes/response.js";

function formOf(...fields) {
  return { querySelectorAll: () => fields };
}
const radio = (checked, sent) => ({ tagName: "INPUT", type: "radio", checked, defaultChecked: sent });
const typed = (value, sent) => ({ tagName: "INPUT", type: "text", value, defaultValue: sent });
const choice = (value, ...options) => ({
  tagName: "SELECT",
  value,
  options: options.map(([given, defaultSelected]) => ({ value: given, defaultSelected })),
});

test("a page as the server sent it is untouched", () => {
  const sent = formOf(radio(true, true), radio(false, false), typed("12", "12"), choice("b", ["", false], ["b", true]));
  assert.equal(touched(sent), false);
  assert.equal(touched(formOf(choice("", ["", false], ["b", false]))), false);
});

test("a choice, a word or a pair of an early hand is noticed", () => {
  assert.equal(touched(formOf(radio(true, false))), true);
  assert.equal(touched(formOf(typed("1", ""))), true);
  assert.equal(touched(formOf(choice("b", ["", false], ["b", false]))), true);
});

test("what nobody can change is nobody's answer", () => {
  const hidden = { tagName: "INPUT", type: "hidden", value: "3", defaultValue: "" };
  assert.equal(touched(formOf(hidden, { ...radio(true, false), disabled: true })), false);
});

test("what was chosen from a list of long texts stands below its box as a whole", () => {
  const whole = { textContent: "" };
  const options = [{ text: "Choose" }, { text: "Say what has happened and how long it will take" }];
  const select = { value: "b", selectedIndex: 1, options, parentElement: { querySelector: () => whole } };
  showChosen(select);
  assert.equal(whole.textContent, options[1].text);
  showChosen({ ...select, value: "", selectedIndex: 0 });
  assert.equal(whole.textContent, "");
});
