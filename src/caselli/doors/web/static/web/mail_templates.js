// A tag is put where one writes by a click on it; the preview follows by itself, so its button is not needed.

const form = document.querySelector("[data-words]");

if (form) {
  const body = form.elements.namedItem("body");
  let last = body;
  form.addEventListener("focusin", (event) => {
    if (event.target === body || event.target.name === "subject") last = event.target;
  });
  form.querySelectorAll("[data-scripted]").forEach((one) => (one.hidden = false));
  form.querySelectorAll("[data-preview]").forEach((one) => (one.hidden = true));
  for (const code of form.querySelectorAll("[data-tag]")) {
    const button = document.createElement("button");
    button.type = "button";
    code.replaceWith(button);
    button.append(code);
    button.addEventListener("click", () => {
      // What has several lines belongs into the text.
      const field = "lines" in code.dataset ? body : last;
      field.focus();
      field.setRangeText(code.textContent, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}
