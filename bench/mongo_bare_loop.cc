// The least that a program can do with MongoDB's change stream: aggregate, then getMore until enough events have come, which
// are counted and thrown away. bench/mongo_end_to_end measures millrace beside it.
// usage: mongo_bare_loop CONNECTION_STRING DATABASE COLLECTION RESUME_TOKEN EVENTS
//   RESUME_TOKEN  the text in the token's _data; the stream has updateLookup and is filtered to inserts, updates, replaces and deletes
// Prints seconds from the first batch with events to the last one, and the events that came after the first batch.
#include <mongoc/mongoc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace {

using Clock = std::chrono::steady_clock;

struct Reply {
  bson_t document{};
  Reply() { bson_init(&document); }
  ~Reply() { bson_destroy(&document); }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
};

[[noreturn]] void give_up(const char* what, const char* why) {
  std::fprintf(stderr, "mongo_bare_loop: %s: %s\n", what, why);
  std::exit(1);
}

void run(mongoc_client_t* client, const char* database, const bson_t* command, Reply& reply) {
  bson_error_t error;
  bson_destroy(&reply.document);
  if (!mongoc_client_command_simple(client, database, command, nullptr, &reply.document, &error)) give_up("a command failed", error.message);
}

long events_in(const bson_t& reply, const char* batch, std::int64_t& cursor) {
  bson_iter_t at, field, event;
  if (!bson_iter_init(&at, &reply)) give_up("an answer", "is not BSON");
  if (!bson_iter_find_descendant(&at, "cursor.id", &field)) give_up("an answer", "has no cursor.id");
  cursor = bson_iter_as_int64(&field);
  if (!bson_iter_init(&at, &reply) || !bson_iter_find_descendant(&at, batch, &field) || !bson_iter_recurse(&field, &event))
    give_up("an answer has no", batch);
  long count = 0;
  while (bson_iter_next(&event)) ++count;
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) give_up("usage", "mongo_bare_loop CONNECTION_STRING DATABASE COLLECTION RESUME_TOKEN EVENTS");
  const char *database = argv[2], *collection = argv[3];
  const long wanted = std::strtol(argv[5], nullptr, 10);
  mongoc_init();
  const std::unique_ptr<mongoc_client_t, decltype(&mongoc_client_destroy)> client{mongoc_client_new(argv[1]), mongoc_client_destroy};
  if (!client) give_up("the connection string", "is not valid");

  bson_t* open = BCON_NEW("aggregate", BCON_UTF8(collection), "cursor", "{", "}", "pipeline", "[", "{", "$changeStream", "{", "fullDocument",
                          BCON_UTF8("updateLookup"), "resumeAfter", "{", "_data", BCON_UTF8(argv[4]), "}", "}", "}", "{", "$match", "{",
                          "operationType", "{", "$in", "[", BCON_UTF8("insert"), BCON_UTF8("update"), BCON_UTF8("replace"),
                          BCON_UTF8("delete"), "]", "}", "}", "}", "]");
  Reply reply;
  run(client.get(), database, open, reply);
  bson_destroy(open);
  std::int64_t cursor = 0;
  long came = events_in(reply.document, "cursor.firstBatch", cursor);
  long first = came;
  Clock::time_point began = Clock::now(), ended = began;
  while (came < wanted) {
    bson_t* more = BCON_NEW("getMore", BCON_INT64(cursor), "collection", BCON_UTF8(collection));
    run(client.get(), database, more, reply);
    bson_destroy(more);
    came += events_in(reply.document, "cursor.nextBatch", cursor);
    ended = Clock::now();
    if (cursor == 0 && came < wanted) give_up("the cursor", "was closed");
    if (first == 0) first = came, began = ended;
  }
  std::printf("%.6f %ld\n", std::chrono::duration<double>(ended - began).count(), came - first);
  return 0;
}
