// Many clients in one thread, driven by commands on standard input; what happens is reported on standard output. Both are lines of
// JSON.
//
// At first comes {"event":"ready","fingerprint"}: of the certificate that all clients show. Commands are objects with "do":
//   client     id, host, port, ufrag, password, fingerprint (of the server), localUfrag, loss, delayMs, seed:
//              begins; {"event":"connected","id"} and {"event":"association","id"} follow, {"event":"channel","id","label"} for
//              each data channel that the server opens, and {"event":"ended","id","reason"} when it fails
//   publish    id, ssrc, payloadType, mid, midExtension, sequenceExtension, phaseMs: sends video until `stop`
//   stream     id, ssrc, payloadType, clockRate, video, bytes, packets (of a frame), intervalMs, phaseMs, and for its extensions mid,
//              midExtension, rid, ridExtension, level, levelExtension, sequenceExtension: sends that besides the others until `stop`
//   subscribe  id, payloadType: counts packets of this type
//   messages   id, label, count, size, rate: sends messages on a data channel
//   stop       id
//   close      id: says goodbye and is forgotten
//   stats      reset: answered with {"event":"stats",...}, the tally of all clients
#ifndef SORA_BENCH_LOAD_LOAD_H
#define SORA_BENCH_LOAD_LOAD_H

namespace load {

// Runs until standard input ends; returns the exit status.
int Run();

}  // namespace load

#endif
