#include "sources/mongodb/change_stream.h"

namespace millrace::mongodb {
namespace {

void append_text(bson_t* to, const char* name, const std::string& text) {
  bson_append_utf8(to, name, -1, text.c_str(), static_cast<int>(text.size()));
}

// {"operationType": {"$in": [...]}}
void append_operations(const CaptureOptions& options, bson_t* to) {
  bson_t in, list;
  BSON_APPEND_DOCUMENT_BEGIN(to, "operationType", &in);
  BSON_APPEND_ARRAY_BEGIN(&in, "$in", &list);
  std::uint32_t index = 0;
  for (const std::string& operation : options.operations) append_text(&list, std::to_string(index++).c_str(), operation);
  bson_append_array_end(&in, &list);
  bson_append_document_end(to, &in);
}

// {"$regexMatch": {"input": {"$concat": ["$ns.db", ".", "$ns.coll"]}, "regex": ..., "options": "i"}}
void append_namespace(const std::string& regex, bson_t* to) {
  bson_t match, input, parts;
  BSON_APPEND_DOCUMENT_BEGIN(to, "$regexMatch", &match);
  BSON_APPEND_DOCUMENT_BEGIN(&match, "input", &input);
  BSON_APPEND_ARRAY_BEGIN(&input, "$concat", &parts);
  BSON_APPEND_UTF8(&parts, "0", "$ns.db");
  BSON_APPEND_UTF8(&parts, "1", ".");
  BSON_APPEND_UTF8(&parts, "2", "$ns.coll");
  bson_append_array_end(&input, &parts);
  bson_append_document_end(&match, &input);
  append_text(&match, "regex", regex);
  BSON_APPEND_UTF8(&match, "options", "i");
  bson_append_document_end(to, &match);
}

void append_whole_name(const char* field, const std::string& name, bson_t* to) {
  BSON_APPEND_REGEX(to, field, ("^" + name + "$").c_str(), "i");   // a plain name: nothing to quote
}

// {"ns.db": /^a$/i, "ns.coll": /^b$/i}, or an $or of such.
void append_names(const std::vector<CollectionFilter::NamePair>& names, bson_t* to) {
  const auto append_one = [](const CollectionFilter::NamePair& name, bson_t* condition) {
    append_whole_name("ns.db", name.first, condition);
    append_whole_name("ns.coll", name.second, condition);
  };
  if (names.size() == 1) return append_one(names.front(), to);
  bson_t list, one;
  BSON_APPEND_ARRAY_BEGIN(to, "$or", &list);
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    BSON_APPEND_DOCUMENT_BEGIN(&list, std::to_string(i).c_str(), &one);
    append_one(names[i], &one);
    bson_append_document_end(&list, &one);
  }
  bson_append_array_end(to, &list);
}

void append_wanted(const CaptureOptions& options, const CollectionFilter& filter, bson_t* to) {
  append_operations(options, to);
  if (!filter.server_names().empty()) return append_names(filter.server_names(), to);
  if (const std::string& regex = filter.server_database_regex(); !regex.empty())
    BSON_APPEND_REGEX(to, "ns.db", regex.c_str(), "i");
  if (const std::string& regex = filter.server_namespace_regex(); !regex.empty()) {
    bson_t expression;
    BSON_APPEND_DOCUMENT_BEGIN(to, "$expr", &expression);
    append_namespace(regex, &expression);
    bson_append_document_end(to, &expression);
  }
}

}  // namespace

void append_match(const CaptureOptions& options, const CollectionFilter& filter, bson_t* match) {
  if (options.scope == CaptureScope::deployment) return append_wanted(options, filter, match);
  bson_t list, wanted, end;
  BSON_APPEND_ARRAY_BEGIN(match, "$or", &list);
  BSON_APPEND_DOCUMENT_BEGIN(&list, "0", &wanted);
  append_wanted(options, filter, &wanted);
  bson_append_document_end(&list, &wanted);
  BSON_APPEND_DOCUMENT_BEGIN(&list, "1", &end);
  BSON_APPEND_UTF8(&end, "operationType", "invalidate");
  bson_append_document_end(&list, &end);
  bson_append_array_end(match, &list);
}

namespace {

// Adds documents to an array.
class StageList {
 public:
  explicit StageList(bson_t* array) : array_{array} {}
  void add(BsonView stage) {
    bson_t document;
    if (!bson_init_static(&document, stage.data(), stage.size())) return;
    const std::string index = std::to_string(count_++);
    bson_append_document(array_, index.c_str(), -1, &document);
  }

 private:
  bson_t* array_;
  std::size_t count_ = 0;
};

// {"$expr": {"$lte": [{"$bsonSize": image}, threshold]}}; of an image that is not there the size is null, which is less.
void append_size_limit(const char* image, std::int32_t threshold, const char* index, bson_t* list) {
  bson_t condition, expression, operands, size;
  BSON_APPEND_DOCUMENT_BEGIN(list, index, &condition);
  BSON_APPEND_DOCUMENT_BEGIN(&condition, "$expr", &expression);
  BSON_APPEND_ARRAY_BEGIN(&expression, "$lte", &operands);
  BSON_APPEND_DOCUMENT_BEGIN(&operands, "0", &size);
  BSON_APPEND_UTF8(&size, "$bsonSize", image);
  bson_append_document_end(&operands, &size);
  BSON_APPEND_INT32(&operands, "1", threshold);
  bson_append_array_end(&expression, &operands);
  bson_append_document_end(&condition, &expression);
  bson_append_document_end(list, &condition);
}

void append_size_match(std::int32_t threshold, bson_t* stage) {
  bson_t match, list;
  BSON_APPEND_DOCUMENT_BEGIN(stage, "$match", &match);
  BSON_APPEND_ARRAY_BEGIN(&match, "$and", &list);
  append_size_limit("$fullDocument", threshold, "0", &list);
  append_size_limit("$fullDocumentBeforeChange", threshold, "1", &list);
  bson_append_array_end(&match, &list);
  bson_append_document_end(stage, &match);
}

}  // namespace

void append_stages(const CaptureOptions& options, const CollectionFilter& filter, bson_t* array) {
  StageList stages{array};
  Document size, match, split;
  if (options.oversize == OversizeHandling::skip) {
    append_size_match(options.skip_threshold, size.get());
    stages.add(size.view());
  }
  const auto add_users = [&] {
    for (const std::string& stage : options.user_stages)
      stages.add({reinterpret_cast<const std::uint8_t*>(stage.data()), stage.size()});
  };
  if (options.order != PipelineOrder::internal_first) add_users();
  if (options.order != PipelineOrder::user_only) {
    bson_t wanted;
    BSON_APPEND_DOCUMENT_BEGIN(match.get(), "$match", &wanted);
    append_match(options, filter, &wanted);
    bson_append_document_end(match.get(), &wanted);
    stages.add(match.view());
  }
  if (options.order == PipelineOrder::internal_first) add_users();
  if (options.oversize != OversizeHandling::split) return;
  bson_t nothing;
  BSON_APPEND_DOCUMENT_BEGIN(split.get(), "$changeStreamSplitLargeEvent", &nothing);
  bson_append_document_end(split.get(), &nothing);
  stages.add(split.view());
}

std::optional<ClusterTime> operation_time(const Document& reply) {
  bson_iter_t at;
  ClusterTime time;
  if (!bson_iter_init_find(&at, reply.get(), "operationTime") || !BSON_ITER_HOLDS_TIMESTAMP(&at)) return std::nullopt;
  bson_iter_timestamp(&at, &time.seconds, &time.increment);
  return time;
}

ChangeStream::ChangeStream(Client& client, const CaptureOptions& options, const CollectionFilter& filter)
    : client_{client}, options_{options} {
  append_stages(options, filter, stages_.get());
  database_ = options.scope == CaptureScope::deployment ? "admin" : options.database;
}

void ChangeStream::append_stage(const ResumePoint& from, const char* token_option, bson_t* stage) const {
  if (options_.full_document) append_text(stage, "fullDocument", options_.post_images ? "whenAvailable" : "updateLookup");
  if (options_.pre_images) append_text(stage, "fullDocumentBeforeChange", "whenAvailable");
  if (options_.scope == CaptureScope::deployment) BSON_APPEND_BOOL(stage, "allChangesForCluster", true);
  if (!from.token.empty()) {
    bson_t token;
    if (bson_init_static(&token, reinterpret_cast<const std::uint8_t*>(from.token.data()), from.token.size()))
      bson_append_document(stage, token_option, -1, &token);
  } else if (from.time) {
    bson_append_timestamp(stage, "startAtOperationTime", -1, from.time->seconds, from.time->increment);
  }
}

ServerResult<CursorReply> ChangeStream::open(const ResumePoint& from) { return open_with(stages_, from); }

// A token of an invalidate event, which a stored offset does not tell from others, is refused by resumeAfter.
ServerResult<CursorReply> ChangeStream::open_with(const Document& stages, const ResumePoint& from) {
  constexpr int k_invalid_resume_token = 260;
  auto reply = aggregate(stages, from, "resumeAfter");
  if (!reply && reply.error().code == k_invalid_resume_token) reply = aggregate(stages, from, "startAfter");
  return reply;
}

ServerResult<std::string> ChangeStream::find_invalidate(const ResumePoint& from) {
  constexpr int k_empty_replies_max = 30;   // each has waited for the server's await time
  Document stages;
  bson_t stage, wanted;
  BSON_APPEND_DOCUMENT_BEGIN(stages.get(), "0", &stage);
  BSON_APPEND_DOCUMENT_BEGIN(&stage, "$match", &wanted);
  BSON_APPEND_UTF8(&wanted, "operationType", "invalidate");
  bson_append_document_end(&stage, &wanted);
  bson_append_document_end(stages.get(), &stage);
  MR_TRY(CursorReply reply, open_with(stages, from));
  for (int left = k_empty_replies_max; reply.count == 0 && is_open() && left > 0; --left) {
    MR_TRY(reply, next(0));
  }
  const BsonView token = reply.count == 0 ? BsonView{} : token_of(reply.last);
  close();
  return std::string{reinterpret_cast<const char*>(token.data()), token.size()};
}

ServerResult<CursorReply> ChangeStream::aggregate(const Document& stages, const ResumePoint& from, const char* token_option) {
  cursor_ = 0;
  Document aggregate;
  bson_t pipeline, first, stage, second, cursor;
  if (options_.scope == CaptureScope::collection) append_text(aggregate.get(), "aggregate", options_.collection);
  else BSON_APPEND_INT32(aggregate.get(), "aggregate", 1);
  BSON_APPEND_ARRAY_BEGIN(aggregate.get(), "pipeline", &pipeline);
  BSON_APPEND_DOCUMENT_BEGIN(&pipeline, "0", &first);
  BSON_APPEND_DOCUMENT_BEGIN(&first, "$changeStream", &stage);
  append_stage(from, token_option, &stage);
  bson_append_document_end(&first, &stage);
  bson_append_document_end(&pipeline, &first);
  bson_iter_t next;
  if (iterate(stages.view(), next)) {
    for (std::size_t index = 1; bson_iter_next(&next); ++index) {
      const BsonView bytes = document_at(next);
      const std::string place = std::to_string(index);
      if (bson_init_static(&second, bytes.data(), bytes.size())) bson_append_document(&pipeline, place.c_str(), -1, &second);
    }
  }
  bson_append_array_end(aggregate.get(), &pipeline);
  BSON_APPEND_DOCUMENT_BEGIN(aggregate.get(), "cursor", &cursor);
  bson_append_document_end(aggregate.get(), &cursor);

  MR_TRY(CursorReply reply, client_.cursor_command(database_, *aggregate.get()));
  cursor_ = reply.id;
  collection_ = options_.scope == CaptureScope::collection ? options_.collection : "$cmd.aggregate";
  return reply;
}

ServerResult<CursorReply> ChangeStream::next(std::int32_t events_max) {
  Document more;
  BSON_APPEND_INT64(more.get(), "getMore", cursor_);
  append_text(more.get(), "collection", collection_);
  if (events_max > 0) BSON_APPEND_INT32(more.get(), "batchSize", events_max);
  if (options_.await_ms > 0) BSON_APPEND_INT64(more.get(), "maxTimeMS", options_.await_ms);
  auto reply = client_.cursor_command(database_, *more.get());
  cursor_ = reply ? reply->id : 0;
  return reply;
}

void ChangeStream::close() {
  if (cursor_ == 0) return;
  Document kill;
  bson_t list;
  append_text(kill.get(), "killCursors", collection_);
  BSON_APPEND_ARRAY_BEGIN(kill.get(), "cursors", &list);
  BSON_APPEND_INT64(&list, "0", cursor_);
  bson_append_array_end(kill.get(), &list);
  (void)client_.command(database_, *kill.get());
  cursor_ = 0;
}

}  // namespace millrace::mongodb
