// ChangeStream is a server's cursor over the changes: aggregate with $changeStream, then getMore. libmongoc's own
// change stream is not used: it resumes by rules of its own (after an invalidate with the wrong option), hides the
// batches, and copies each event.
// Threads: the client's. Source: MongoDB manual, "Change Streams"; servers 4.4 to 8.0.
#pragma once

#include <optional>
#include <string>

#include "sources/mongodb/change_event.h"
#include "sources/mongodb/client.h"
#include "sources/mongodb/mongodb_config.h"

namespace millrace::mongodb {

// From where a stream is opened. Nothing set: from now.
struct ResumePoint {
  std::string token;                   // BSON
  std::optional<ClusterTime> time;     // when there is no token
};

class ChangeStream {
 public:
  ChangeStream(Client& client, const CaptureOptions& options, const CollectionFilter& filter);

  // The first batch, mostly empty. An earlier cursor is forgotten.
  ServerResult<CursorReply> open(const ResumePoint& from);
  // Waits for changes as long as the server's await time. Precondition: is_open().
  // events_max: 0: the server's choice.
  ServerResult<CursorReply> next(std::int32_t events_max);
  // The token of the invalidate event with which a stream from there ends, when the stream itself does not show it. Empty: there is
  // none. An open cursor is forgotten.
  ServerResult<std::string> find_invalidate(const ResumePoint& from);
  bool is_open() const { return cursor_ != 0; }
  void close();   // ends the server's cursor; errors do not matter

 private:
  ServerResult<CursorReply> open_with(const Document& stages, const ResumePoint& from);
  ServerResult<CursorReply> aggregate(const Document& stages, const ResumePoint& from, const char* token_option);
  void append_stage(const ResumePoint& from, const char* token_option, bson_t* stage) const;

  Client& client_;
  const CaptureOptions options_;
  Document stages_;                     // an array: those behind $changeStream
  std::string database_, collection_;   // that the cursor belongs to
  std::int64_t cursor_ = 0;
};

// operationTime of a reply: the server's time of that moment.
std::optional<ClusterTime> operation_time(const Document& reply);

// The stages behind $changeStream, as an array: oversize skip, our match and the user's stages in their order, split.
void append_stages(const CaptureOptions& options, const CollectionFilter& filter, bson_t* array);

// The $match that leaves out what the client would throw away; invalidate passes on narrow scopes, where it ends the stream.
void append_match(const CaptureOptions& options, const CollectionFilter& filter, bson_t* match);

}  // namespace millrace::mongodb
