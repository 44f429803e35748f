"use strict";

const $ = (id) => document.getElementById(id);
const json = async (path, options) => (await fetch(path, options)).json();
const post = (path, body) => fetch(path, { method: "POST", body: JSON.stringify(body || {}) });

function cell(row, text, name) {
  const td = row.insertCell();
  td.textContent = text;
  if (name) td.className = name;
  return td;
}

function show(parcel) {
  const row = document.createElement("tr");
  row.className = "carrier-" + parcel.carrier;
  cell(row, parcel.id, "number");
  cell(row, parcel.carrier);
  cell(row, parcel.order_number || parcel.reference);
  cell(row, parcel.scenario);
  const pill = document.createElement("span");
  pill.className = "status";
  pill.textContent = parcel.status + " " + parcel.text;
  cell(row, "").append(pill);
  cell(row, parcel.history.join(" → "), "history");
  const wait = parcel.next_at ? Math.max(0, Math.round(parcel.next_at - Date.now() / 1000)) + " s" : "–";
  cell(row, wait, "number");
  const button = document.createElement("button");
  button.textContent = "Next";
  button.title = "Let the next step of this parcel's life happen now";
  button.onclick = () => post(`/control/parcels/${parcel.id}/advance`).then(refresh);
  cell(row, "").append(button);
  return row;
}

async function refresh() {
  const { parcels } = await json("/control/parcels?q=" + encodeURIComponent($("find").value));
  $("parcels").replaceChildren(...parcels.map(show));
  $("empty").hidden = parcels.length > 0;
  const { pending } = await json("/control/faults");
  $("pending").textContent = pending.map((f) => `${f.kind} × ${f.times}`).join(", ");
}

async function start() {
  const { calls, hooks } = await json("/control/faults");
  for (const kind of [...calls, ...hooks]) $("kind").add(new Option(kind.replaceAll("_", " "), kind));
  for (const [name, meaning] of Object.entries(await json("/control/scenarios"))) {
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.textContent = name;
    dd.textContent = meaning;
    $("scenarios").append(dt, dd);
  }
  $("misbehave").onclick = () =>
    post("/control/faults", {
      kind: $("kind").value, carrier: $("carrier").value, times: Number($("times").value), seconds: 20,
    }).then(refresh);
  $("behave").onclick = () => fetch("/control/faults", { method: "DELETE" }).then(refresh);
  $("find").oninput = refresh;
  refresh();
  setInterval(() => refresh().catch(() => {}), 1000);
}

start();
