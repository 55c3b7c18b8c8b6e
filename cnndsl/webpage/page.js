// Whatever bears the path of the layer that is picked is marked, and its explanation shown. What stands
// for several layers, as a block that is drawn once, bears all their paths; the first one is picked.
const aside = document.getElementById("explanation");
const hint = [...(aside?.childNodes ?? [])];
const rows = [...document.querySelectorAll("#layers tr[data-path]")];
let at = -1; // the row that is picked: those of two steps that are written alike have the same path

const byPath = (path) => document.querySelectorAll(`[data-path~="${CSS.escape(path)}"]`);
const clear = () => document.querySelectorAll(".picked").forEach((one) => one.classList.remove("picked"));
const fragment = (path) => `#${encodeURIComponent(path)}`;

function pick(path, row) {
  clear();
  byPath(path).forEach((one) => {
    one.classList.add("picked");
    if (one instanceof SVGElement && one.closest(".sight")) one.parentNode.append(one); // above the others
  });
  at = row ?? rows.findIndex((one) => one.dataset.path === path);
  const told = document.querySelector(`template[data-for="${CSS.escape(path)}"]`);
  const untold = `The page would be too large with all layers explained: try cnndsl explain, with ${path}.`;
  aside.replaceChildren(told ? told.content.cloneNode(true) : untold);
  aside.scrollTop = 0;
  history.replaceState(null, "", fragment(path));
}

document.addEventListener("click", (event) => {
  const one = event.target.closest("[data-path]");
  const row = rows.indexOf(one);
  if (one) pick(one.dataset.path.split(" ")[0], row < 0 ? undefined : row);
});

document.addEventListener("keydown", (event) => {
  if (!rows.length || event.altKey || event.ctrlKey || event.metaKey) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const next = Math.max(0, Math.min(rows.length - 1, at + step));
    pick(rows[next].dataset.path, next);
    rows[next].scrollIntoView({ block: "nearest" });
    event.preventDefault();
  } else if (event.key === "Escape") {
    clear();
    at = -1;
    aside.replaceChildren(...hint);
    history.replaceState(null, "", location.pathname + location.search);
  }
});

const asked = [...document.querySelectorAll("template")].find((one) => fragment(one.dataset.for) === location.hash);
if (asked) pick(asked.dataset.for);
