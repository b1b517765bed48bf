// The event panel: server-sent events that reconnect and resume.

/** Keeps a list of events current while the page is visible: browsers open few connections to one server. */
export const followEvents = (panel, { arrived, changed }) => {
  const list = panel.querySelector("[data-events]"), dot = document.getElementById("dot");
  let stream = null, last = panel.dataset.after;
  const state = (isOn, text) => {
    dot.classList.toggle("on", isOn);
    dot.title = text;
  };
  const connect = () => {
    const query = new URLSearchParams(panel.dataset.filter);
    query.set("after", last);
    stream = new EventSource(`/events/stream?${query}`);
    stream.onopen = () => state(true, "This page is kept current");
    stream.onerror = () => {
      state(false, "The service does not respond; the page connects again by itself");
      // Refused, and not repeated by the browser.
      if (stream.readyState === 2) setTimeout(again, 5000);
    };
    stream.addEventListener("row", ({ data, lastEventId }) => {
      last = lastEventId;
      const row = document.createElement("template");
      row.innerHTML = data;
      if (document.getElementById(row.content.firstElementChild?.id)) return;
      list.querySelector("[data-empty]")?.remove();
      list.prepend(row.content);
      while (list.children.length > 100) list.lastElementChild.remove();
      arrived(list);
    });
    stream.addEventListener("changed", changed);
    stream.addEventListener("reload", () => location.reload());
  };
  // The sign-in has ended: the page shows that. A proxy whose service is away, or too many open pages, pass.
  const again = async () => {
    const refused = stream;
    if (refused?.readyState !== 2) return;
    const response = await fetch(location.href, { method: "HEAD" }).catch(() => null);
    if (stream !== refused) return;
    if (response?.status === 401) location.reload();
    else connect();
  };
  const disconnect = () => { stream?.close(); stream = null; };
  const follow = () => (document.hidden ? disconnect() : stream || connect());
  document.addEventListener("visibilitychange", follow);
  window.addEventListener("pagehide", disconnect);
  window.addEventListener("pageshow", follow);
  follow();
};
