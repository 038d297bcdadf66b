// Warns before the session ends, and takes a half-filled form off the screen when it has: it is kept by the server.
(function () {
  const box = document.getElementById("cf-ending");
  if (!box) return;
  const WARN = 120;
  let endsAt = Date.now() + box.dataset.seconds * 1000;
  let typed = null;
  document.addEventListener("input", (event) => (typed = event.target.form || typed));

  async function ask(address, method) {
    const body = method === "POST" ? new URLSearchParams({ csrf_token: box.dataset.token }) : undefined;
    const response = await fetch(address, { method, body, credentials: "same-origin", redirect: "error" });
    endsAt = Date.now() + (await response.json()).seconds * 1000;
  }

  async function keep() {
    if (!typed || typed.method !== "post") return;
    const fields = new URLSearchParams([...new FormData(typed)].filter(([, value]) => typeof value === "string"));
    fields.set("csrf_token", box.dataset.token);
    fields.set("cf-address", new URL(typed.action).pathname);
    await fetch(box.dataset.keep, { method: "POST", body: fields, credentials: "same-origin" });
  }

  async function look() {
    let left = (endsAt - Date.now()) / 1000;
    if (left <= WARN) {
      // Another window may have kept the session going.
      try {
        await ask(box.dataset.left, "GET");
      } catch (error) {
        // Signed out elsewhere, or the line is down: what is known here counts.
      }
      left = (endsAt - Date.now()) / 1000;
    }
    if (left <= 0) {
      try {
        await keep();
      } finally {
        location.replace("/sign-in?next=" + encodeURIComponent(location.pathname));
      }
      return;
    }
    if (left <= WARN && box.hidden) {
      box.hidden = false;
      box.querySelector("[data-more]").focus();
    }
    if (left > WARN) box.hidden = true;
    box.querySelector("[data-in]").textContent = left > 60 ? Math.ceil(left / 60) + " minutes" : Math.ceil(left) + " seconds";
    setTimeout(look, left > WARN ? (left - WARN) * 1000 : Math.min(10, left) * 1000);
  }

  box.querySelector("[data-more]").addEventListener("click", async () => {
    await ask(box.dataset.stay, "POST");
    box.hidden = true;
  });
  look();
})();

// A long form is sent only when the line is up: a browser's own page of error would take away what was typed.
(function () {
  const lost = document.getElementById("cf-lost");
  for (const form of document.querySelectorAll("form[data-keep]")) {
    let up = false;
    form.addEventListener("submit", async (event) => {
      if (up) return;
      event.preventDefault();
      try {
        await fetch("/healthz", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(5000) });
        up = true;
        lost.hidden = true;
        form.requestSubmit(event.submitter);
      } catch (error) {
        lost.hidden = false;
      }
    });
  }
})();
