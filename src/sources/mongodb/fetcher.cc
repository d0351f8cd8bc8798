#include "sources/mongodb/fetcher.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/log.h"

namespace millrace::mongodb {
namespace {

constexpr std::size_t k_batches_max = 2;
constexpr std::size_t k_batch_bytes_wanted = 2 * 1024 * 1024;   // so that reading and sending go on side by side
constexpr int k_reopened_max = 5;                               // without a batch in between
constexpr std::chrono::milliseconds k_pause{1'000};               // before a stream that ends as soon as it is opened is opened again

auto fetch_log() { return logger("io.debezium.connector.mongodb.MongoDbStreamingChangeEventSource"); }

std::size_t size_of(const Batch& batch) { return batch.content.reply ? batch.content.reply->view().size() : 0; }

std::string bytes_of(BsonView view) { return {reinterpret_cast<const char*>(view.data()), view.size()}; }

}  // namespace

Fetcher::Fetcher(std::unique_ptr<Client> client, std::unique_ptr<ChangeStream> stream, std::optional<CursorReply> opened,
                 ReadPlan plan)
    : client_{std::move(client)}, stream_{std::move(stream)}, opened_{std::move(opened)}, plan_{std::move(plan)},
      thread_{[this] { run(); }} {}

Fetcher::~Fetcher() {
  {
    const std::lock_guard lock{mutex_};
    ended_ = true;
  }
  room_.notify_all();
  client_->interrupt();
  thread_.join();
}

void Fetcher::run() {
  const auto all = [this]() -> ServerResult<void> {
    if (plan_.backlog) MR_CHECK(read_backlog());
    if (plan_.snapshot) {
      for (std::size_t i = 0; i < plan_.snapshot->size(); ++i) MR_CHECK(read_collection(i));
      push({.kind = Batch::Kind::snapshot_end});
      if (plan_.stream && plan_.stream_delay.count() > 0 && !pause(plan_.stream_delay)) return {};
    }
    if (plan_.stream) MR_CHECK(read_stream());
    return {};
  };
  auto outcome = all();
  if (outcome) return;
  const std::lock_guard lock{mutex_};
  failure_ = std::move(outcome.error());
  wake_.ring();
}

// An empty reply says nothing about what is still to come: a mongos gives one while it waits for its shards. Its token tells how
// far the server has read; of one that is not read here it is taken for the end.
bool has_read_up_to(BsonView resume_token, const ClusterTime& end) {
  return time_of_token(resume_token).value_or(end) >= end;
}

// Part of an event that the server cut up may say nothing but its token.
bool is_behind(BsonView document, const ClusterTime& end) {
  const auto event = decode_change_event(document);
  const auto time = event ? event->cluster_time : std::nullopt;
  return (time ? *time : time_of_token(token_of(document)).value_or(end)) > end;
}

// Changes since an earlier run, up to the place of the new snapshot: until the server has read that far, or one is newer.
ServerResult<void> Fetcher::read_backlog() {
  auto opened = stream_->open(*plan_.backlog);
  if (!opened && opened.error().kind == ServerError::Kind::position_lost) {
    fetch_log()->warn("Changes made before this snapshot, deletes among them, cannot be read any more ({})", opened.error().error.text);
    return {};
  }
  if (!opened) return std::unexpected{std::move(opened.error())};
  CursorReply content = std::move(*opened);
  while (true) {
    bool over = !stream_->is_open() || (content.count == 0 && has_read_up_to(content.resume_token, plan_.backlog_end));
    if (content.count > 0) {
      over |= is_behind(content.last, plan_.backlog_end);
      push({.kind = Batch::Kind::backlog, .content = std::move(content)});
    }
    if (over) break;
    if (!wait_for_room()) return {};
    MR_TRY(content, stream_->next(0));
  }
  stream_->close();
  return {};
}

ServerResult<void> Fetcher::read_collection(std::size_t index) {
  const Namespace& name = (*plan_.snapshot)[index];
  document_bytes_ = 0;
  if (!wait_for_room()) return {};
  auto found = first_documents(index);
  while (true) {
    if (!found) {
      if (!may_pass_over(name, found.error())) return std::unexpected{std::move(found.error())};
      push({.kind = Batch::Kind::documents, .collection = index, .ends_collection = true});
      return {};
    }
    note_size(*found);
    const std::int64_t cursor = found->id;
    push({.kind = Batch::Kind::documents, .collection = index, .ends_collection = cursor == 0, .content = std::move(*found)});
    if (cursor == 0 || !wait_for_room()) return {};
    Document more;
    BSON_APPEND_INT64(more.get(), "getMore", cursor);
    BSON_APPEND_UTF8(more.get(), "collection", name.collection.c_str());
    const std::int32_t wanted = plan_.fetch_size > 0 ? plan_.fetch_size : events_max();
    if (wanted > 0) BSON_APPEND_INT32(more.get(), "batchSize", wanted);
    found = client_->cursor_command(name.database, *more.get());
  }
}

// The rest of a collection that was dropped while it was read is gone, and no delete of it would be captured either. What the
// server keeps for itself no role for reading opens, and change streams do not have it.
bool Fetcher::may_pass_over(const Namespace& name, const ServerError& why) {
  constexpr int k_unauthorized = 13, k_query_plan_killed = 175;
  if (why.code == k_query_plan_killed) {
    const auto names = client_->collection_names(name.database);
    if (!names || std::ranges::find(*names, name.collection) != names->end()) return false;
    fetch_log()->warn("The collection {} was dropped while the snapshot read it", name.text());
    return true;
  }
  if (why.code != k_unauthorized || !name.collection.starts_with("system.")) return false;
  fetch_log()->warn("The snapshot leaves out {}, which may not be read: {}", name.text(), why.error.text);
  return true;
}

ServerResult<CursorReply> Fetcher::first_documents(std::size_t index) {
  const Namespace& name = (*plan_.snapshot)[index];
  const std::string filter = index < plan_.filters.size() ? plan_.filters[index] : std::string{};
  Document find;
  bson_t part;
  BSON_APPEND_UTF8(find.get(), "find", name.collection.c_str());
  if (bson_init_static(&part, reinterpret_cast<const std::uint8_t*>(filter.data()), filter.size())) {
    BSON_APPEND_DOCUMENT(find.get(), "filter", &part);
  } else {
    BSON_APPEND_DOCUMENT_BEGIN(find.get(), "filter", &part);
    bson_append_document_end(find.get(), &part);
  }
  if (plan_.fetch_size > 0) BSON_APPEND_INT32(find.get(), "batchSize", plan_.fetch_size);
  if (const std::string level = client_->read_concern_level(); !level.empty()) {
    BSON_APPEND_DOCUMENT_BEGIN(find.get(), "readConcern", &part);
    BSON_APPEND_UTF8(&part, "level", level.c_str());
    bson_append_document_end(find.get(), &part);
  }
  return client_->cursor_command(name.database, *find.get());
}

ServerResult<void> Fetcher::read_stream() {
  position_ = *plan_.stream;
  document_bytes_ = 0;
  if (!opened_) {
    MR_TRY(opened_, stream_->open(position_));
  }
  CursorReply content = std::move(*opened_);
  if (position_.token.empty() && !position_.time)   // a server without tokens of batches
    position_.time = operation_time(*content.reply);
  while (true) {
    note_size(content);
    follow(content);
    const bool is_dead = !stream_->is_open() && content.count == 0;
    push({.kind = Batch::Kind::events, .content = std::move(content)});
    if (!wait_for_room() || (is_dead && !pause(k_pause))) return {};
    auto next = stream_->is_open() ? stream_->next(events_max()) : stream_->open(position_);
    if (next) {
      reopened_in_a_row_ = 0;
    } else {
      next = reopen(next.error());
      if (!next) return std::unexpected{std::move(next.error())};
    }
    content = std::move(*next);
  }
}

// A cursor that is gone (killed, stepdown, connection lost) is opened anew at the last token: nothing is lost or doubled.
ServerResult<CursorReply> Fetcher::reopen(const ServerError& why) {
  const bool heals = why.kind == ServerError::Kind::network || why.kind == ServerError::Kind::cursor_lost;
  if (!heals || client_->is_interrupted() || ++reopened_in_a_row_ > k_reopened_max) return std::unexpected{why};
  fetch_log()->info("The change stream is opened anew: {}", why.error.text);
  MR_CHECK(client_->select_server());
  return stream_->open(position_);
}

// Remembers where the stream goes on after this reply, and tells why it ends.
void Fetcher::follow(CursorReply& content) {
  bool told = false;
  if (content.count > 0) {
    if (const BsonView token = token_of(content.last); !token.empty()) position_ = {.token = bytes_of(token)};
    const auto event = decode_change_event(content.last);
    told = event && event->operation == Operation::invalidate;
    if (told) fetch_log()->warn("The watched collection or database was dropped or renamed; the stream goes on behind that");
  }
  if (!stream_->is_open() && !told) return go_behind_untold_end(content);
  ended_untold_ = false;
  rest_behind(content);
}

// A reply without events may say how far the server has looked.
void Fetcher::rest_behind(const CursorReply& content) {
  if (content.count == 0 && !content.resume_token.empty()) position_ = {.token = bytes_of(content.resume_token)};
}

// The user's stages may hide the event that ends a stream, and not every server's token of the last reply is one to go on from.
void Fetcher::go_behind_untold_end(CursorReply& content) {
  if (!std::exchange(ended_untold_, true))
    fetch_log()->warn("The server has ended the change stream without an event that says why: mostly the watched collection or database was "
                      "dropped or renamed, and cursor.pipeline hides it. The stream goes on behind that; let operationType 'invalidate' pass");
  const auto token = stream_->find_invalidate(position_);
  if (!token) return;   // opening the stream will say it too
  if (token->empty()) return rest_behind(content);
  position_ = {.token = *token};
  content.resume_token = {};
}

void Fetcher::note_size(const CursorReply& content) {
  if (content.count > 0) document_bytes_ = content.batch.size() / content.count;
}

// How many documents the next reply should hold, so that one of large documents is not 16 MiB. 0: as many as there are.
std::int32_t Fetcher::events_max() const {
  if (document_bytes_ == 0) return 0;
  return static_cast<std::int32_t>(std::clamp<std::size_t>(k_batch_bytes_wanted / document_bytes_, 1, 1'000'000));
}

// False: told to end.
bool Fetcher::wait_for_room() {
  std::unique_lock lock{mutex_};
  room_.wait(lock, [this] { return ended_ || batches_.empty() || (batches_.size() < k_batches_max && bytes_ <= k_batch_bytes_max); });
  return !ended_;
}

// False: told to end.
bool Fetcher::pause(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  return !room_.wait_for(lock, time, [this] { return ended_; });
}

void Fetcher::push(Batch batch) {
  const std::lock_guard lock{mutex_};
  bytes_ += size_of(batch);
  batches_.push_back(std::move(batch));
  wake_.ring();
}

const Batch* Fetcher::front() {
  const std::lock_guard lock{mutex_};
  return batches_.empty() ? nullptr : &batches_.front();
}

void Fetcher::pop() {
  Batch used;   // dies after the lock
  const std::lock_guard lock{mutex_};
  used = std::move(batches_.front());
  batches_.pop_front();
  bytes_ -= size_of(used);
  room_.notify_all();
}

std::optional<ServerError> Fetcher::failure() {
  const std::lock_guard lock{mutex_};
  return failure_;
}

}  // namespace millrace::mongodb
