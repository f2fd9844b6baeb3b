// The upload form, better: files by drop, several at a time, a list of them, progress. Without it the form works too.

const readable = (bytes) => {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
};

const list = (form) => {
  const input = form.querySelector("input[type=file]");
  const chosen = form.querySelector("[data-chosen]");
  chosen.replaceChildren();
  [...input.files].forEach((file, place) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.className = "file-name";
    name.textContent = file.name;
    const size = document.createElement("span");
    const tooMuch = file.size > Number(input.dataset.bytes);
    size.className = tooMuch ? "aside too-much" : "aside";
    size.textContent = tooMuch ? `${readable(file.size)}, too large` : readable(file.size);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "Remove";
    remove.setAttribute("aria-label", `Remove ${file.name}`);
    remove.addEventListener("click", () => {
      keep(input, [...input.files].filter((_, other) => other !== place));
      list(form);
      input.focus();
    });
    item.append(name, size, remove);
    chosen.append(item);
  });
  chosen.hidden = input.files.length === 0;
};

const keep = (input, files) => {
  const transfer = new DataTransfer();
  files.forEach((file) => transfer.items.add(file));
  input.files = transfer.files;
  input.earlier = files;
};

const same = (one, other) => one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
const add = (input, files) => {
  const earlier = input.earlier ?? [];
  keep(input, [...earlier, ...files.filter((file) => !earlier.some((other) => same(file, other)))]);
};

const enhance = (form) => {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  drop.classList.add("scripted");
  form.querySelectorAll("[data-scripted]").forEach((one) => (one.hidden = false));
  form.querySelector("[data-browse]").addEventListener("click", () => input.click());
  if (!input.enhanced) {
    input.enhanced = true;
    // Choosing again adds to what is there; a browser alone would replace it.
    input.addEventListener("change", () => {
      add(input, [...input.files]);
      list(input.form);
    });
  }
  list(form);
};

const show = (form, words, part) => {
  const line = form.querySelector("[data-progress]");
  line.hidden = false;
  line.querySelector("[data-progress-words]").textContent = words;
  const bar = line.querySelector("progress");
  if (part === null) bar.removeAttribute("value");
  else bar.value = part;
};

const hide = (form) => (form.querySelector("[data-progress]").hidden = true);
const isUpload = (event) => event.target.matches?.("[data-upload]");

document.addEventListener("htmx:xhr:loadstart", (event) => isUpload(event) && show(event.target, "Uploading", 0));
document.addEventListener("htmx:xhr:progress", (event) => {
  if (!isUpload(event)) return;
  const { loaded, total } = event.detail;
  if (total && loaded < total) show(event.target, "Uploading", (loaded / total) * 100);
  else show(event.target, "Turning the documents into fax pages", null);
});
for (const trouble of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(trouble, (event) => {
    if (!isUpload(event)) return;
    hide(event.target);
    const line = event.target.querySelector("[data-progress]");
    line.hidden = false;
    line.querySelector("progress").value = 0;
    line.querySelector("[data-progress-words]").textContent =
      event.detail.xhr?.status === 413
        ? "These files are far too large: nothing was stored. Send fewer or smaller ones."
        : "The server could not be reached: nothing was lost here. Press OK again.";
  });
}

// Dropped anywhere on the page, files go into the form: a near miss would open them instead.
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
const mark = (on) => document.querySelector("[data-drop]")?.classList.toggle("over", on);
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  mark(true);
});
document.addEventListener("dragleave", (event) => event.relatedTarget || mark(false));
document.addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  mark(false);
  const form = document.querySelector("[data-upload]");
  add(form.querySelector("input[type=file]"), [...event.dataTransfer.files]);
  list(form);
});

document.querySelectorAll("[data-upload]").forEach(enhance);
document.addEventListener("htmx:load", (event) => {
  event.detail.elt.querySelectorAll?.("[data-upload]").forEach(enhance);
});
