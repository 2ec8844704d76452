// What stands behind `#` never reaches a server by itself, nor its log: this page sends it, once.
"use strict";

const link = location.hash.slice(1);
const ROOMS = ["make", "sign-in", "accept", "done", "spent"].map((id) => document.getElementById(id));
const write = (id, text) => { document.getElementById(id).textContent = text; };

// Shows one of the forms and sections.
function show(id) {
  for (const room of ROOMS) room.hidden = room.id !== id;
  const room = document.getElementById(id);
  (room.querySelector("input:not([type=checkbox])") ?? room.querySelector("button") ?? room).focus();
}

// What the server answers: whether it is well, its status, and what it says.
async function ask(method, path, body, token) {
  const headers = {};
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers["X-CSRF-Token"] = token;
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { ok: answer.ok, status: answer.status, said: text === "" ? {} : JSON.parse(text) };
}

// A form, what to do when it is sent, and where it says what went wrong. `send` gives the answer that went wrong, or nothing.
function form(id, send) {
  const form = document.getElementById(id);
  form.querySelector(".show")?.addEventListener("change", (event) => {
    form.elements.password.type = event.target.checked ? "text" : "password";
  });
  form.querySelector(".other").addEventListener("click", (event) => show(event.target.dataset.to));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.querySelector(".problem").hidden = true;
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    try {
      const wrong = await send(form.elements);
      if (wrong) tell(id, wrong.said.detail ?? "that did not work");
    } catch {
      tell(id, "the server can't be reached: try again in a moment");
    }
    for (const button of buttons) button.disabled = false;
  });
}

// Says in a form what went wrong.
function tell(id, text) {
  const problem = document.getElementById(id).querySelector(".problem");
  problem.textContent = text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
  problem.hidden = false;
}

form("make", async ({ name, email, password, organisation }) => {
  const account = { link, name: name.value, email: email.value, password: password.value };
  if (organisation.value.trim() !== "") account.organisation = organisation.value.trim();
  const made = await ask("POST", "/api/v1/accounts", account);
  if (made.status === 404) return show("spent");
  return made.ok ? welcome() : made;
});

form("sign-in", async ({ email, password, code }) => {
  const account = { email: email.value, password: password.value };
  if (code.value.trim() !== "") account.code = code.value.trim();
  const begun = await ask("POST", "/api/v1/sign-in", account);
  if (begun.said.type === "/problems/code-needed") {
    document.getElementById("code").hidden = false;
    code.required = true;
    code.focus();
    return { said: { detail: "this account takes a code, too" } };
  }
  return begun.ok ? accept() : begun;
});

form("accept", accept);

// Makes whoever is signed in a member, by the link.
async function accept() {
  const session = await ask("GET", "/api/v1/session");
  if (session.status === 401) return show("sign-in");
  if (!session.ok) return session;
  const token = session.said.csrf_token;
  const joined = await ask("POST", "/api/v1/account/invitations", { link }, token);
  if (joined.status === 404) return show("spent");
  if (!joined.ok) {
    const theirs = joined.status === 409;
    // Those who have come from signing in are signed in now.
    await offer();
    return tell("accept", theirs ? "you belong to the organisation that has invited you already" : joined.said.detail);
  }
  const { organisation } = joined.said;
  await ask("PUT", "/api/v1/session", { organisation }, token);
  return welcome();
}

// Says who is signed in, and asks whether it is them who accept; false where nobody is.
async function offer() {
  const account = await ask("GET", "/api/v1/account");
  if (!account.ok) return false;
  write("name", account.said.name);
  write("email", account.said.email);
  show("accept");
  return true;
}

async function welcome() {
  const session = (await ask("GET", "/api/v1/session")).said;
  const here = session.organisations.find((other) => other.id === session.organisation);
  write("organisation", here ? here.name : "none yet");
  write("role", session.role ?? "none yet");
  // A link that was used is of no use to whoever looks at the history of this browser, nor is it to stand there.
  history.replaceState(null, "", "/welcome");
  show("done");
}

// Another link, opened in the same tab.
addEventListener("hashchange", () => location.reload());
if (link.startsWith("tacita_")) {
  offer().catch(() => false).then((is_signed_in) => { if (!is_signed_in) show("make"); });
} else {
  show("spent");
}
