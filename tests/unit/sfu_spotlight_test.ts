/** Who is focused: speech from audio levels, and the places of a spotlight. */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { ATTACK_MS, SpeechMeter } from "../../sfu/spotlight/speech_meter.ts";
import { KEPT_MS, QUIET_MS, Spotlight } from "../../sfu/spotlight/spotlight.ts";

const PACKET_MS = 20;
const TICK_MS = 100;
const LOUD = 25;
const SILENT = 127;

/** Runs a meter on packets of these levels; returns when it began to be speech, and when that ended. */
function listen(levelAt: (ms: number) => number | undefined, untilMs: number): number[] {
  const meter = new SpeechMeter();
  const changes: number[] = [];
  for (let ms = 0; ms < untilMs; ms += PACKET_MS) {
    const before = meter.speaking;
    const level = levelAt(ms);
    if (level === undefined) meter.settle(ms);
    else meter.onPacket(level, ms * 48, ms);
    if (meter.speaking !== before) changes.push(ms);
  }
  return changes;
}

test("SpeechMeter: speech begins after 300 ms of sound, and ends well after a pause", () => {
  const [begin, end, ...more] = listen((ms) => ms < 3000 ? LOUD : SILENT, 6000);
  assert.ok(begin! >= ATTACK_MS && begin! <= ATTACK_MS + 2 * PACKET_MS, `began at ${begin}`);
  assert.ok(end! - 3000 > 1000 && end! - 3000 < 1500, `ended at ${end}`);
  assert.deepEqual(more, []);
});

test("SpeechMeter: a cough, a fan and silence are no speech; words with pauses are one speech", () => {
  assert.deepEqual(listen((ms) => ms < 260 ? 5 : SILENT, 3000), []);
  assert.deepEqual(listen(() => 56, 5000), []);
  assert.deepEqual(listen(() => undefined, 5000), []);
  // A cough each two seconds does not add up.
  assert.deepEqual(listen((ms) => ms % 2000 < 260 ? 5 : SILENT, 20_000), []);
  // 200 ms of a syllable, 80 ms between them, and a second's pause after five of them.
  const words = (ms: number) => ms % 2400 < 1400 && ms % 280 < 200 ? LOUD : SILENT;
  assert.equal(listen(words, 12_000).length, 1);
});

test("SpeechMeter: without packets (DTX, a microphone switched off) speech ends as with silent ones", () => {
  const sent = listen((ms) => ms < 2000 ? LOUD : SILENT, 6000);
  assert.deepEqual(listen((ms) => ms < 2000 ? LOUD : undefined, 6000), sent);
});

test("SpeechMeter counts packets that come in bursts by their timestamps", () => {
  const meter = new SpeechMeter();
  for (let burst = 1; burst <= 4; burst++) {
    for (let n = 0; n < 5; n++) meter.onPacket(LOUD, (burst * 5 + n) * 960, burst * 100);
  }
  assert.equal(meter.speaking, true);
});

test("SpeechMeter: late packets and jumps of the timestamp neither count twice nor stop it", () => {
  const late = new SpeechMeter();
  for (let n = 0; n < 100; n++) late.onPacket(LOUD, (n % 2) * 960, n * 20);
  assert.equal(late.speaking, false);
  const jumping = new SpeechMeter();
  for (let n = 0; n < 50; n++) jumping.onPacket(LOUD, (n < 10 ? n : n + 0x9000_0000) * 960, n * 20);
  assert.equal(jumping.speaking, true);
});

/** A spotlight of members by name, with packets for each 20 ms. */
function scene(number: number, names: readonly string[]) {
  const members = new Map(names.map((name) => [name, { name }]));
  const events: string[] = [];
  const spotlight = new Spotlight<{ name: string }>(number, {
    onFocus: ({ name }, focused, fixed) =>
      events.push(`${focused ? "+" : "-"}${name}${fixed ? "!" : ""}`),
  });
  for (const member of members.values()) spotlight.add(member);
  let now = 0;
  return {
    spotlight,
    member: (name: string) => members.get(name)!,
    now: () => now,
    /** Takes the events so far. */
    take: () => events.splice(0),
    focused: () => spotlight.focused.map(({ name }) => name).join(""),
    /** Lets these members speak for so long, and the others send silence. */
    speak(speakers: string, ms: number) {
      for (const until = now + ms; now < until; now += PACKET_MS) {
        for (const [name, member] of members) {
          const level = speakers.includes(name) ? LOUD : SILENT;
          spotlight.onPacket(member, level, now * 48, now);
        }
        if (now % TICK_MS === 0) spotlight.tick(now);
      }
    },
  };
}

test("Spotlight: who speaks has the focus within 400 ms, and keeps it in silence", () => {
  const { speak, take, focused } = scene(2, ["a", "b", "c"]);
  speak("", 2000);
  assert.deepEqual(take(), []);
  speak("a", ATTACK_MS + 2 * PACKET_MS);
  assert.deepEqual(take(), ["+a"]);
  speak("", 10_000);
  speak("c", 400);
  assert.deepEqual(take(), ["+c"]);
  assert.equal(focused(), "ac");
});

test("Spotlight: a third speaker takes the place of who has been silent longest", () => {
  const { speak, take } = scene(2, ["a", "b", "c"]);
  speak("a", 1000);
  speak("b", 1000);
  take();
  speak("c", 500);
  assert.deepEqual(take(), ["-a", "+c"]);
  speak("b", 1000);
  speak("a", 1000);
  assert.deepEqual(take(), ["-c", "+a"], "b spoke later than c");
});

test("Spotlight: a cough does not take a place, and nobody loses it while speaking", () => {
  const { speak, take } = scene(1, ["a", "b"]);
  speak("a", 1500);
  assert.deepEqual(take(), ["+a"]);
  speak("", 2000);
  speak("b", 260);
  speak("", 2000);
  assert.deepEqual(take(), []);
  speak("a", 500);
  speak("ab", 20_000);
  assert.deepEqual(take(), [], "b waits");
  speak("b", QUIET_MS + 2 * TICK_MS);
  assert.deepEqual(take(), ["-a", "+b"], "until a pauses");
});

test("Spotlight: two who talk in turn change once a turn", () => {
  const { speak, take } = scene(1, ["a", "b"]);
  for (let turn = 0; turn < 10; turn++) {
    speak(turn % 2 === 0 ? "a" : "b", 2000);
    const [first, second] = turn % 2 === 0 ? ["b", "a"] : ["a", "b"];
    assert.deepEqual(take(), turn === 0 ? ["+a"] : [`-${first}`, `+${second}`]);
  }
  // Short interjections change nothing: the place is kept for a second at least.
  for (let n = 0; n < 10; n++) {
    speak("b", 1500);
    speak("ab", 200);
  }
  assert.deepEqual(take(), []);
});

test("Spotlight.focus takes the place of who is silent longest, and fixed members stay", () => {
  const { spotlight, speak, take, member, now, focused } = scene(2, ["a", "b", "c", "d"]);
  assert.equal(spotlight.focus(member("a"), true, now()), true);
  assert.equal(spotlight.focus(member("b"), false, now()), true);
  assert.deepEqual(take(), ["+a!", "+b"]);
  speak("c", 2000);
  speak("d", 2000);
  assert.deepEqual(take(), ["-b", "+c", "-c", "+d"]);
  assert.equal(spotlight.focus(member("d"), true, now()), true);
  assert.deepEqual(take(), ["+d!"], "who has the focus can be fixed");
  assert.equal(spotlight.focus(member("b"), false, now()), false, "all places are fixed");
  assert.equal(spotlight.focus(member("d"), false, now()), true);
  speak("bc", 5000);
  assert.deepEqual(take(), []);
  assert.equal(focused(), "ad");
  assert.equal(spotlight.isFixed(member("d")), true);
  spotlight.unfocus(member("a"));
  speak("bc", TICK_MS);
  assert.deepEqual(take(), ["-a!", "+b"]);
});

test("Spotlight.unfocus holds until the member speaks after a pause", () => {
  const { spotlight, speak, take, member } = scene(2, ["a"]);
  speak("a", 1000);
  spotlight.unfocus(member("a"));
  speak("a", 3000);
  assert.deepEqual(take(), ["+a", "-a"]);
  speak("", 2000);
  speak("a", 500);
  assert.deepEqual(take(), ["+a"]);
  spotlight.unfocus(member("a"));
  speak("", QUIET_MS + TICK_MS);
  speak("a", 500);
  assert.deepEqual(take(), ["-a", "+a"], "a pause that does not end the speech");
  spotlight.unfocus({ name: "a" });
  assert.deepEqual(take(), [], "somebody else");
});

test("Spotlight.setNumber makes places free or gives them to who waits, never those of fixed members", () => {
  const { spotlight, speak, take, member, now } = scene(3, ["a", "b", "c", "d"]);
  for (const name of "abcd") speak(name, 1000);
  assert.deepEqual(take(), ["+a", "+b", "+c", "-a", "+d"]);
  assert.equal(spotlight.setNumber(1, now()), true);
  assert.deepEqual(take(), ["-b", "-c"]);
  speak("acd", 1000);
  assert.deepEqual(take(), []);
  assert.equal(spotlight.setNumber(2, now()), true);
  assert.deepEqual(take(), ["+a"]);
  spotlight.focus(member("a"), true, now());
  spotlight.focus(member("d"), true, now());
  assert.equal(spotlight.setNumber(1, now()), false);
  assert.equal(spotlight.number, 2);
  assert.equal(spotlight.focused.length, 2);
});

test("Spotlight: a member who leaves makes a place free without a word", () => {
  const { spotlight, speak, take, member } = scene(1, ["a", "b"]);
  speak("ab", 1000);
  assert.deepEqual(take(), ["+a"]);
  spotlight.remove(member("a"));
  speak("b", TICK_MS);
  assert.deepEqual(take(), ["+b"]);
});

test("Spotlight: a place that becomes free is nobody's who has just stopped speaking", () => {
  const { spotlight, speak, take, member } = scene(1, ["a", "b"]);
  speak("a", 1000);
  speak("ab", 1000);
  speak("a", 500);
  spotlight.remove(member("a"));
  speak("", 3000);
  assert.deepEqual(take(), ["+a"]);
  speak("b", 100);
  speak("", 1000);
  assert.deepEqual(take(), [], "a word is no speech either");
});

test("Spotlight: while the server stands still nobody is silent", () => {
  const { spotlight, speak, take, member, now } = scene(1, ["a", "b"]);
  speak("a", 2000);
  speak("ab", 200);
  assert.deepEqual(take(), ["+a"]);
  // For a second nothing was read of what both went on to send; then b's packets are read first.
  const late = now() + 1000;
  spotlight.tick(late);
  for (const name of ["b", "a"]) {
    for (let at = now(); at < late; at += PACKET_MS) {
      spotlight.onPacket(member(name), LOUD, at * 48, late);
    }
  }
  spotlight.tick(late + TICK_MS);
  assert.deepEqual(take(), []);
});

type Step =
  | { readonly kind: "speak"; readonly speakers: string; readonly ms: number }
  | { readonly kind: "focus" | "fix" | "unfocus"; readonly name: string }
  | { readonly kind: "number"; readonly number: number };

const NAMES = ["a", "b", "c", "d", "e"];
const name = fc.constantFrom(...NAMES);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("speak" as const),
      speakers: fc.uniqueArray(name, { maxLength: 4 }).map((some) => some.join("")),
      ms: fc.integer({ min: 1, max: 100 }).map((packets) => packets * PACKET_MS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("focus", "fix", "unfocus"), name }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("number" as const),
      number: fc.integer({ min: 1, max: 8 }),
    }),
  },
);

test("Spotlight: never too many, fixed members stay, and speech alone moves a place once a second at most", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 4 }),
    fc.array(step, { maxLength: 40 }),
    (number, steps) => {
      const focused = new Set<string>();
      const fixed = new Set<string>();
      const since = new Map<string, number>();
      const { spotlight, speak, take, member, now } = scene(number, NAMES);
      for (const one of steps) {
        const fixedBefore = [...fixed];
        const spoke = one.kind === "speak";
        // A packet at a time, so that the time of each event is known.
        for (let at = 0; at < (spoke ? one.ms : PACKET_MS); at += PACKET_MS) {
          const places = spotlight.number;
          if (spoke) speak(one.speakers, PACKET_MS);
          else if (one.kind === "number") spotlight.setNumber(one.number, now());
          else if (one.kind === "unfocus") spotlight.unfocus(member(one.name));
          else spotlight.focus(member(one.name), one.kind === "fix", now());
          for (const event of take()) {
            const [sign, who] = [event[0], event[1]!];
            if (sign === "+") {
              assert.equal(focused.has(who) && !event.endsWith("!"), false);
              focused.add(who);
              since.set(who, now());
              if (event.endsWith("!")) fixed.add(who);
            } else {
              assert.equal(focused.delete(who), true);
              assert.equal(fixed.delete(who), event.endsWith("!"));
              if (spoke) assert.ok(now() - since.get(who)! >= KEPT_MS - PACKET_MS);
            }
            assert.ok(focused.size <= Math.max(places, spotlight.number), `${[...focused]}`);
          }
          assert.ok(focused.size <= spotlight.number);
          assert.deepEqual(spotlight.focused.map((one) => one.name).sort(), [...focused].sort());
        }
        for (const who of fixedBefore) {
          assert.ok(fixed.has(who) || one.kind === "unfocus" && one.name === who);
        }
      }
    },
  ));
});
