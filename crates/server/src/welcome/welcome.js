// What stands behind `#` never reaches a server by itself, nor its log: this page sends it, once.
"use strict";

const link = location.hash.slice(1);
const show = (id) => { document.getElementById(id).hidden = false; };
const hide = (id) => { document.getElementById(id).hidden = true; };
const write = (id, text) => { document.getElementById(id).textContent = text; };

const form = document.getElementById("make");
document.getElementById("show").addEventListener("change", (event) => {
  form.elements.password.type = event.target.checked ? "text" : "password";
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  hide("problem");
  const button = form.querySelector("button");
  button.disabled = true;
  const { name, email, password, organisation } = form.elements;
  const account = { link, name: name.value, email: email.value, password: password.value };
  if (organisation.value.trim() !== "") account.organisation = organisation.value.trim();
  try {
    const answer = await fetch("/api/v1/accounts", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(account),
    });
    if (answer.status === 404) {
      hide("make");
      show("spent");
    } else if (answer.ok) {
      await welcome();
    } else {
      const problem = await answer.json();
      const detail = problem.detail ?? "That did not work.";
      write("problem", detail.charAt(0).toUpperCase() + detail.slice(1) + (/[.!?]$/.test(detail) ? "" : "."));
      show("problem");
    }
  } catch {
    write("problem", "The server can't be reached. Try again in a moment.");
    show("problem");
  }
  button.disabled = false;
});

async function welcome() {
  const session = await (await fetch("/api/v1/session")).json();
  const here = session.organisations.find((other) => other.id === session.organisation);
  write("organisation", here ? here.name : "none yet");
  write("role", session.role ?? "none yet");
  // A link that was used is of no use to whoever looks at the history of this browser, nor is it to stand there.
  history.replaceState(null, "", "/welcome");
  hide("make");
  show("done");
}

// Another link, opened in the same tab.
addEventListener("hashchange", () => location.reload());
show(link.startsWith("tacita_") ? "make" : "spent");
