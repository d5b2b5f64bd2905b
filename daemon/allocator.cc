// How jemalloc is to be (its manual, TUNING). Few arenas: what one thread frees, mostly what came
// from Kafka, another uses soon. Memory that has been free for three seconds goes back to the
// system, large pieces no sooner than others: catching up after an outage takes much that is not
// needed afterwards. Huge pages are not asked for: they keep what is free beside what is not, half
// as much again with ten thousand cohorts.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf =
    "narenas:2,background_thread:true,dirty_decay_ms:3000,muzzy_decay_ms:0,oversize_threshold:0";
}
