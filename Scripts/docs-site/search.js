// The search of the documentation: one index, read once, ranked here. Articles and symbols stay readable without it.

const kindOrder = { article: 0, product: 1, type: 2, member: 3 };

export function words(text) {
  return text.toLowerCase().split(/[^\p{L}\p{N}_]+/u).filter(Boolean);
}

// How well an entry fits: 0 when a word of the query is missing. An entry is [kind, title, address, text].
export function score(entry, query) {
  const [kind, title, , text] = entry;
  const name = title.toLowerCase();
  const last = name.slice(name.lastIndexOf(".") + 1).replace(/\(.*/, "");
  let total = 0;
  for (const word of query) {
    let points = 0;
    if (name === word || last === word) points = 60;
    else if (words(name).includes(word)) points = 40;
    else if (name.startsWith(word)) points = 25;
    else if (name.includes(word)) points = 15;
    const place = text.toLowerCase().indexOf(word);
    if (place >= 0) points += 6;
    if (points === 0) return 0;
    total += points;
  }
  return total - (kindOrder[kind] ?? 4) - Math.min(title.length, 80) / 40;
}

export function find(entries, text, limit = 60) {
  const query = [...new Set(words(text))];
  if (query.length === 0) return [];
  return entries
    .map((entry) => [score(entry, query), entry])
    .filter(([points]) => points > 0)
    .sort(([a, x], [b, y]) => b - a || (x[1] < y[1] ? -1 : 1))
    .slice(0, limit)
    .map(([, entry]) => entry);
}

// The part of a text around the first word of the query.
export function excerpt(text, query, length = 180) {
  const place = Math.max(0, ...words(query).slice(0, 1).map((word) => text.toLowerCase().indexOf(word)));
  const start = place < length / 2 ? 0 : text.indexOf(" ", place - length / 2) + 1;
  const part = text.slice(start, start + length);
  return (start > 0 ? "… " : "") + part + (start + length < text.length ? " …" : "");
}

async function show(input, list, status) {
  const response = await fetch("search.json");
  if (!response.ok) throw new Error(`search.json: status ${response.status}`);
  const entries = await response.json();
  const update = () => {
    const found = find(entries, input.value);
    list.replaceChildren(
      ...found.map(([kind, title, address, text]) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = address;
        link.textContent = title;
        const mark = document.createElement("span");
        mark.className = "kind";
        mark.textContent = ` ${kind}`;
        const part = document.createElement("p");
        part.textContent = excerpt(text, input.value);
        item.append(link, mark, part);
        return item;
      }),
    );
    status.textContent = input.value.trim() === "" ? "" : `${found.length === 60 ? "the first 60" : found.length} found`;
    history.replaceState(null, "", input.value ? `?q=${encodeURIComponent(input.value)}` : location.pathname);
  };
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  input.addEventListener("input", update);
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    update();
  });
  update();
}

if (typeof document !== "undefined") {
  const status = document.querySelector("#found");
  show(document.querySelector("main input"), document.querySelector(".results"), status).catch((error) => {
    status.textContent = `the search needs the site to be served over HTTP, such as by python3 -m http.server: ${error.message}`;
  });
}
