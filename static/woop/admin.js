"use strict";

// The zone of the browser, so that the server can show times as the user's clock does.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `woop_zone=${encodeURIComponent(zone)};path=/;max-age=31536000;samesite=lax`;
})();

// Deadlines run.
setInterval(() => {
  for (const clock of document.querySelectorAll("[data-countdown]")) {
    const left = Math.max(0, Math.floor((Date.parse(clock.dateTime) - Date.now()) / 1000));
    clock.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : clock.dataset.over;
    clock.classList.toggle("is-short", left < 60);
  }
}, 1000);

// The drawer: any link with data-drawer opens its page in it; without a script it opens as a page.
const drawer = {
  element: null,
  open(url) {
    if (!this.element) this.element = this.make();
    const body = this.element.querySelector(".w-drawer-body");
    body.textContent = "";
    htmx.ajax("GET", url, { target: body, swap: "innerHTML" }).then(() => {
      if (!this.element.open) this.element.showModal();
    });
  },
  close() {
    if (this.element?.open) this.element.close();
  },
  make() {
    const dialog = document.createElement("dialog");
    dialog.className = "w-drawer";
    const close = document.createElement("button");
    close.type = "button";
    close.className = "w-icon w-drawer-close";
    close.setAttribute("aria-label", "×");
    close.innerHTML = '<span class="material-symbols-outlined" aria-hidden="true">close</span>';
    const body = document.createElement("div");
    body.className = "w-drawer-body";
    dialog.append(close, body);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    document.body.append(dialog);
    return dialog;
  },
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-drawer]");
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (link && isPlain) {
    event.preventDefault();
    drawer.open(link.href);
  }
  if (event.target.closest("[data-close]") && drawer.element?.open) {
    event.preventDefault();
    drawer.close();
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(document.querySelector(copy.dataset.copy).textContent.trim());
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// The living part of a page: what has not changed is not sent again, what was opened stays open.
document.addEventListener("htmx:configRequest", (event) => {
  const live = event.target.closest?.("[data-live]");
  if (live !== event.target || !live) return;
  const etag = live.firstElementChild?.dataset.etag;
  if (etag) event.detail.headers["If-None-Match"] = `"${etag}"`;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const isLive = event.target.matches?.("[data-live]");
  if (isLive && (document.hidden || drawer.element?.open)) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 304) event.detail.shouldSwap = false;
  if (xhr.status === 409 || xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
  if (event.target.matches?.("[data-live]") && event.detail.shouldSwap) {
    const open = [...event.target.querySelectorAll("details[id]")].map((part) => [part.id, part.open]);
    event.target.addEventListener("htmx:afterSwap", () => {
      for (const [id, isOpen] of open) {
        const part = document.getElementById(id);
        if (part) part.open = isOpen;
      }
    }, { once: true });
  }
});
