// Several faxes are chosen in the history: a bar says how many, and stays away while none is.

const form = document.querySelector("[data-several]");
const boxes = () => [...document.querySelectorAll("[data-choose]")];
const whole = document.querySelector("[data-choose-all]");
const rest = document.querySelector("[data-choose-whole]");
const chosen = new Set();

const show = () => {
  const all = boxes();
  form.hidden = chosen.size === 0;
  form.querySelector("[data-several-words]").textContent = chosen.size === 1 ? "1 fax chosen" : `${chosen.size} faxes chosen`;
  const box = whole.querySelector("input");
  box.checked = all.length > 0 && all.every((one) => one.checked);
  rest.hidden = box.checked;
  box.indeterminate = !box.checked && chosen.size > 0;
};

const take = (box) => (box.checked ? chosen.add(box.value) : chosen.delete(box.value));

const chooseAll = (checked) => {
  boxes().forEach((box) => {
    box.checked = checked;
    take(box);
  });
  show();
};

if (form) {
  whole.hidden = false;
  form.classList.add("scripted");
  form.querySelectorAll("[data-scripted]").forEach((one) => (one.hidden = false));
  boxes().forEach(take); // what the browser remembers of before a reload
  show();
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose]")) take(event.target);
    else if (whole.contains(event.target)) chooseAll(event.target.checked);
    else return;
    show();
  });
  rest.addEventListener("click", () => chooseAll(true));
  form.addEventListener("reset", () => {
    // The boxes belong to the form: they are empty only after this event.
    chosen.clear();
    requestAnimationFrame(show);
  });
  // What the bar says is what is sent, also while a row is just being replaced.
  form.addEventListener("formdata", (event) => {
    event.formData.delete("fax");
    chosen.forEach((one) => event.formData.append("fax", one));
  });
  // A row that moved by itself is a new one: it keeps its tick.
  document.addEventListener("htmx:load", (event) => {
    const box = event.detail.elt.querySelector?.("[data-choose]");
    if (box) box.checked = chosen.has(box.value);
  });
}
