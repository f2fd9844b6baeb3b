// The upload form, better: a file is uploaded as soon as it is chosen or dropped, and shown as the far end will see it.
// Without it the form works too.

import { whenReleased } from "./press.js";
import "./recipients.js";

const readable = (bytes) => {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
};
const parts = (form) => ({
  input: form.querySelector("input[type=file]"),
  list: form.querySelector("[data-chosen]"),
  total: form.querySelector("[data-total]"),
});
const token = (form) => form.elements.csrfmiddlewaretoken.value;

// What all files together are, in the words of the server.
const sum = (form) => {
  const { input, list, total } = parts(form);
  const ready = [...list.querySelectorAll("[data-file]")];
  const pages = ready.reduce((count, item) => count + Number(item.dataset.pages), 0);
  const seconds = Math.round(ready.reduce((all, item) => all + Number(item.dataset.seconds), Number(list.dataset.callSeconds)));
  const time = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  const most = Number(input.dataset.pages);
  let words = "";
  const they = pages === 1 ? "it" : "them";
  if (ready.length) words = `${pages} ${pages === 1 ? "page" : "pages"}, as the far end will see ${they}; about ${time} on the line`;
  if (pages > most) words = `These are ${pages} pages; a fax may have ${most} in all its files. Take out a file, or send several faxes.`;
  total.textContent = words;
  total.classList.toggle("too-much", pages > most);
  list.hidden = !list.children.length;
};

const refuse = (item, why) => {
  item.classList.add("refused");
  delete item.dataset.coming;
  item.querySelector("progress").hidden = true;
  item.querySelector("[data-state]").textContent = "cannot be sent";
  const box = item.querySelector("[data-why]");
  if (typeof why === "string") box.textContent = why;
  else box.replaceChildren(why);
};

const stalled = (item, why) => {
  item.classList.add("stalled");
  item.querySelector("progress").hidden = true;
  item.querySelector("[data-state]").textContent = "not uploaded";
  item.querySelector("[data-again]").hidden = false;
  item.querySelector("[data-why]").textContent = why;
};

const fragment = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
};

// One after the other: on a slow line two at once would only both be late.
let turn = Promise.resolve();
const upload = (form, item, file) => {
  item.dataset.coming = "";
  item.classList.remove("stalled");
  item.querySelector("[data-why]").replaceChildren();
  item.querySelector("[data-again]").hidden = true;
  item.querySelector("progress").hidden = false;
  item.querySelector("[data-state]").textContent = readable(file.size);
  turn = turn.then(() => (item.isConnected ? send(form, item, file) : null)).then(() => {
    sum(form);
    goOn(form);
  });
};

const send = (form, item, file) =>
  new Promise((done) => {
    const request = new XMLHttpRequest();
    const bar = item.querySelector("progress");
    item.stop = () => request.abort();
    request.open("POST", form.dataset.stageAt);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      if (total && loaded < total) bar.value = (loaded / total) * 100;
      else bar.removeAttribute("value");
    });
    request.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      item.querySelector("[data-state]").textContent = "becoming fax pages";
    });
    const end = (act) => whenReleased(() => (act(), done()));
    request.addEventListener("load", () => end(() => came(item, request)));
    request.addEventListener("error", () => end(() => stalled(item, "The server could not be reached. Nothing was lost here.")));
    request.addEventListener("abort", done);
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token(form));
    body.append("files", file);
    request.send(body);
  });

const came = (item, request) => {
  if (request.getResponseHeader("HX-Refresh")) return location.reload();
  if (request.status === 200) {
    const ready = fragment(request.responseText).querySelector("[data-file]");
    item.replaceWith(ready);
    enliven(ready);
  } else if (request.status === 422) refuse(item, fragment(request.responseText));
  else if (request.status === 413) refuse(item, "This file is far larger than a fax may be. Send a smaller one.");
  else if (request.status === 404) refuse(item, "Nothing can be sent from this extension any more. Load the page again.");
  else stalled(item, "The server could not take the file just now. Nothing was lost here.");
};

// An item that the server wrote: its button instead of its checkbox.
const enliven = (item) => {
  item.querySelector("[data-plain]").remove();
  const button = item.querySelector("[data-remove]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const form = item.closest("form");
    giveUp(form, item);
    takeOut(form, item);
  });
};

const giveUp = (form, item) => {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", token(form));
  fetch(item.dataset.removeAt, { method: "POST", body, keepalive: true }).catch(() => {}); // it goes after a day anyway
};

// Who leaves the page may come back to the form; who cancels does not want it any more.
const cancel = (form, event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // in a window of its own
  for (const item of parts(form).list.querySelectorAll("li.file")) {
    item.stop?.();
    if (item.matches("[data-file]")) giveUp(form, item);
    item.remove();
  }
};

const takeOut = (form, item) => {
  item.remove();
  if (!("waiting" in form.dataset)) progress(form, "");
  sum(form);
  parts(form).input.focus();
};

const add = (form, files) => {
  const { input, list } = parts(form);
  const template = form.querySelector("template[data-file-coming]").content.firstElementChild;
  for (const file of files) {
    const item = template.cloneNode(true);
    item.querySelector(".file-name").textContent = file.name;
    item.querySelector(".unheard").textContent = ` ${file.name}`;
    item.querySelector("[data-remove]").addEventListener("click", () => {
      takeOut(form, item);
      item.stop?.();
    });
    item.querySelector("[data-again]").addEventListener("click", () => upload(form, item, file));
    const count = list.querySelectorAll("li:not(.refused)").length;
    list.append(item);
    if (file.size > Number(input.dataset.bytes)) {
      refuse(item, `It has ${readable(file.size)}; a file may have ${input.dataset.size}. Make it smaller (scan at 200 dpi in black and white) or send it in parts.`);
    } else if (count >= Number(input.dataset.most)) {
      refuse(item, `A fax takes at most ${input.dataset.most} files. Send several faxes, or join the files into one PDF.`);
    } else upload(form, item, file);
  }
  sum(form);
};

const enhance = (form) => {
  if (form.enhanced) return;
  form.enhanced = true;
  const { input, list } = parts(form);
  form.querySelector("[data-drop]").classList.add("scripted");
  form.querySelectorAll(".drop [data-scripted]").forEach((one) => (one.hidden = false));
  form.querySelector("[data-browse]").addEventListener("click", () => input.click());
  form.querySelector("[data-cancel]").addEventListener("click", (event) => cancel(form, event));
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = ""; // they go by themselves, not with the form
    add(form, files);
  });
  list.querySelectorAll("[data-file]").forEach(enliven);
  if (input.files.length) input.dispatchEvent(new Event("change")); // chosen before this script was here
};

const progress = (form, words) => {
  const line = form.querySelector("[data-progress]");
  line.hidden = !words;
  line.querySelector("[data-progress-words]").textContent = words;
  line.classList.remove("trouble");
  line.querySelector("progress").hidden = false;
};

const complain = (form, words) => {
  progress(form, words);
  const line = form.querySelector("[data-progress]");
  line.classList.add("trouble");
  line.querySelector("progress").hidden = true;
};

// OK waits for what is still on its way, and does not go without a file that the list shows as refused.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("[data-upload]")) return;
    const stop = () => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    delete form.dataset.waiting;
    const bad = form.querySelector("li.refused, li.stalled");
    if (bad) {
      stop();
      const name = bad.querySelector(".file-name").textContent;
      complain(
        form,
        bad.classList.contains("refused")
          ? `“${name}” cannot be sent: remove it, then press OK again.`
          : `“${name}” is not uploaded: try again, or remove it, then press OK again.`,
      );
      bad.querySelector("button:not([hidden])").focus();
    } else if (form.querySelector("[data-coming]")) {
      stop();
      form.dataset.waiting = "";
      progress(form, "The fax goes out as soon as its files are here");
    }
  },
  true,
);
const goOn = (form) => {
  if (!("waiting" in form.dataset) || form.querySelector("li.file[data-coming]:not(.stalled)")) return;
  progress(form, "");
  form.requestSubmit();
};

const isUpload = (event) => event.target.matches?.("[data-upload]");
document.addEventListener("htmx:xhr:loadstart", (event) => isUpload(event) && progress(event.target, "Handing in the fax"));
for (const trouble of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(trouble, (event) => {
    if (!isUpload(event)) return;
    const far = event.detail.xhr?.status === 413;
    complain(
      event.target,
      far
        ? "These files are far too large: nothing was stored. Send fewer or smaller ones."
        : "The server could not be reached: nothing was lost here. Press OK again.",
    );
  });
}

// Dropped anywhere on the page, files go into the form: a near miss would open them instead.
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
const mark = (on) => document.querySelector("[data-drop]")?.classList.toggle("over", on);
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event) || !document.querySelector("[data-upload]")) return;
  event.preventDefault();
  mark(true);
});
document.addEventListener("dragleave", (event) => event.relatedTarget || mark(false));
document.addEventListener("drop", (event) => {
  const form = document.querySelector("[data-upload]");
  if (!carriesFiles(event) || !form) return;
  event.preventDefault();
  mark(false);
  add(form, [...event.dataTransfer.files]);
});

document.querySelectorAll("[data-upload]").forEach(enhance);
document.addEventListener("htmx:load", (event) => {
  event.detail.elt.querySelectorAll?.("[data-upload]").forEach(enhance);
});
