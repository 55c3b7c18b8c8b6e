// Whatever bears the path of the layer that is picked is marked, and its explanation shown. What stands
// for several layers, as a block that is drawn once, bears all their paths; the first one is picked.
const aside = document.getElementById("explanation");
const rows = [...document.querySelectorAll("#layers tr[data-path]")];
const byPath = (path) => document.querySelectorAll(`[data-path~="${CSS.escape(path)}"]`);

function pick(path) {
  document.querySelectorAll(".picked").forEach((one) => one.classList.remove("picked"));
  byPath(path).forEach((one) => {
    one.classList.add("picked");
    if (one instanceof SVGElement && one.closest(".sight")) one.parentNode.append(one); // above the others
  });
  const told = document.querySelector(`template[data-for="${CSS.escape(path)}"]`);
  aside.replaceChildren(told ? told.content.cloneNode(true) : `${path} is not explained on this page.`);
  history.replaceState(null, "", `#${encodeURIComponent(path)}`);
}

document.addEventListener("click", (event) => {
  const one = event.target.closest("[data-path]");
  if (one) pick(one.dataset.path.split(" ")[0]);
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !rows.length || event.altKey || event.ctrlKey || event.metaKey) return;
  const now = rows.findIndex((row) => row.classList.contains("picked"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, now + step))];
  pick(next.dataset.path);
  next.scrollIntoView({ block: "nearest" });
  event.preventDefault();
});

if (rows.length) {
  const asked = decodeURIComponent(location.hash.slice(1));
  if (rows.some((row) => row.dataset.path === asked)) pick(asked);
}
