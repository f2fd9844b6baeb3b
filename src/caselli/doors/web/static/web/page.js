// Small manners of every page: the appearance at once, the menu closes, errors get the focus, arrow keys turn pages.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-appearance-form]") || !event.submitter) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  const data = new FormData(form, event.submitter);
  fetch(form.action, { method: "POST", body: data, redirect: "manual" }).catch(() => {}); // this page has it all the same
  if (chosen === "system") delete document.documentElement.dataset.appearance;
  else document.documentElement.dataset.appearance = chosen;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
  }
});

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target.closest("[data-menu]")));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = event.target.closest?.("[data-menu][open]");
    closeMenus();
    menu?.querySelector("summary").focus();
    return;
  }
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  document.querySelector(`[data-viewer] [data-turn="${event.key}"]`)?.click();
});

const focusErrors = (root) => root.querySelector("[data-focus]")?.focus();
focusErrors(document);
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) focusErrors(event.detail.elt);
});
