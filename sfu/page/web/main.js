/** The page: joins a channel, and shows who is where. */
import { element, say } from "./dom.js";
import { watchMembers } from "./members.js";
import { Room } from "./room.js";

const form = element("form", "join");
const choices = element("fieldset", "choices");
const state = element("p", "state");
const enter = element("button", "enter");
const leave = element("button", "leave");
const toggles = /** @type {const} */ ([
  { kind: "audio", button: element("button", "mute"), on: "Mute", off: "Unmute" },
  { kind: "video", button: element("button", "hide"), on: "Camera off", off: "Camera on" },
]);

/** @type {Room | undefined} */
let room;

/** @returns {Promise<{ version: string, path: string, secret: boolean }>} */
async function readSettings() {
  const response = await fetch("/page/settings.json");
  return await response.json();
}

const settings = await readSettings();
const url = `${location.protocol.replace("http", "ws")}//${location.host}${settings.path}`;
element("code", "url").textContent = url;
element("span", "version").textContent = settings.version;
element("label", "secret-field").hidden = !settings.secret;

/** What was entered, or nothing. */
const secret = () => settings.secret ? element("input", "secret").value : "";
/** @param {string} name */
const value = (name) => String(new FormData(form).get(name) ?? "");
/** @param {string} name */
const isChecked = (name) => new FormData(form).has(name);

/** Shows the buttons of a member, or of somebody who is none. */
function showButtons() {
  const isMember = room !== undefined;
  choices.disabled = isMember;
  enter.hidden = isMember;
  leave.hidden = !isMember;
  for (const { kind, button, on } of toggles) {
    button.hidden = room?.sends(kind) !== true;
    button.setAttribute("aria-pressed", "false");
    button.textContent = on;
  }
}

/** @param {string} text */
function showLeft(text, isWrong = false) {
  room = undefined;
  showButtons();
  say(state, text, isWrong);
  enter.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (room !== undefined || enter.disabled) return;
  // A disabled field is in no FormData.
  const chosen = {
    url,
    channel: value("channel"),
    role: /** @type {"sendrecv" | "sendonly" | "recvonly"} */ (value("role")),
    codec: value("codec"),
    camera: isChecked("camera"),
    microphone: isChecked("microphone"),
    simulcast: isChecked("simulcast"),
    spotlight: isChecked("spotlight"),
    secret: secret(),
  };
  enter.disabled = true;
  say(state, "Joining");
  try {
    room = await Room.join(chosen, (reason) => showLeft(`The connection ended: ${reason}`, true));
    showButtons();
    say(state, `You are in ${chosen.channel}`);
    leave.focus();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    showLeft(`Could not join: ${reason}`, true);
  } finally {
    enter.disabled = false;
  }
});

leave.addEventListener("click", async () => {
  leave.disabled = true;
  await room?.leave();
  leave.disabled = false;
  showLeft("You have left");
});

for (const { kind, button, on, off } of toggles) {
  button.addEventListener("click", () => {
    const isOff = button.getAttribute("aria-pressed") !== "true";
    room?.enable(kind, !isOff);
    button.setAttribute("aria-pressed", String(isOff));
    button.textContent = isOff ? off : on;
  });
}

addEventListener("pagehide", () => void room?.leave());
watchMembers(secret);
