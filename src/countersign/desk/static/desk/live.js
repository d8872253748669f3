// Puts the board on the page as the server last sent it, and says how long ago that was. The page is whole without.
const STALE = 15, AGAIN = 5;
const head = document.getElementById("heard"), board = document.getElementById("board");
const state = document.getElementById("state"), when = document.getElementById("when");
let place = head.dataset.place, heard = when.textContent, at = Date.now(), words = "", source;

function show() {
  const seconds = Math.max(0, Math.floor((Date.now() - at) / 1000));
  const ago = seconds < 120 ? `${seconds} ${seconds === 1 ? "second" : "seconds"}` : `${Math.floor(seconds / 60)} minutes`;
  const stale = seconds >= STALE || source.readyState !== EventSource.OPEN;
  when.textContent = `Last heard ${heard}, ${ago} ago.`;
  head.classList.toggle("desk-heard--stale", stale);
  const now = stale ? "Not connected. What stands below may be old." : "Connected. What stands below is as the record is now.";
  if (now !== words) state.textContent = words = now;
}

function connect() {
  source = new EventSource(`${head.dataset.events}?since=${place}`);
  source.onmessage = (event) => {
    const said = JSON.parse(event.data), focused = document.activeElement?.id;
    [place, heard, at] = [event.lastEventId, said.heard, Date.now()];
    if (said.board) {
      board.innerHTML = said.board;
      if (focused === "stop") document.getElementById("stop")?.focus();
    }
    show();
  };
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN * 1000);
    show();
  };
}

connect();
setInterval(show, 1000);
