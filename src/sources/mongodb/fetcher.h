// Fetcher is the thread that waits for MongoDB, so that delivery reports, offset commits and a stop need not: it reads
// what is wanted (backlog, documents, changes) and hands whole replies to the task's thread.
// Bounds: two batches at a time, and none is fetched while more than k_batch_bytes_max wait; a reply of the server is
// 16 MiB at most, so 24 MiB in all beside libmongoc's own buffer of one reply.
// Threads: front(), pop(), failure() from the task's thread. The destructor ends the thread, also when the server is frozen.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/wake.h"
#include "sources/mongodb/change_stream.h"
#include "sources/mongodb/client.h"

namespace millrace::mongodb {

inline constexpr std::size_t k_batch_bytes_max = 8 * 1024 * 1024;

struct Namespace {
  std::string database, collection;
  bool operator==(const Namespace&) const = default;
  std::string text() const { return database + "." + collection; }
};

// What is to be read, in this order.
struct ReadPlan {
  std::optional<ResumePoint> backlog;       // changes from here up to backlog_end come first
  ClusterTime backlog_end;
  std::optional<std::vector<Namespace>> snapshot;
  std::vector<std::string> filters;         // of each collection: BSON of a query; empty, or none in the list: all documents
  std::chrono::milliseconds stream_delay{0};   // streaming.delay.ms, behind the snapshot
  std::int32_t fetch_size = 0;              // snapshot.fetch.size
  std::optional<ResumePoint> stream;        // none: no streaming
};

struct Batch {
  enum class Kind : std::uint8_t { backlog, documents, snapshot_end, events };
  Kind kind = Kind::events;
  std::size_t collection = 0;               // of documents: index in ReadPlan::snapshot
  bool ends_collection = false;
  CursorReply content{};                    // nothing in it: snapshot_end
};

class Fetcher {
 public:
  // `opened`: the stream's first reply, when it is open already.
  Fetcher(std::unique_ptr<Client> client, std::unique_ptr<ChangeStream> stream, std::optional<CursorReply> opened,
          ReadPlan plan);
  ~Fetcher();

  const Wake& wake() const { return wake_; }      // rung when front() or failure() changes
  const Batch* front();                           // null: nothing is there yet
  void pop();                                     // the front has been used up
  std::optional<ServerError> failure();               // the thread has ended; batches before it are still to be read

 private:
  void run();
  ServerResult<void> read_backlog();
  ServerResult<void> read_collection(std::size_t index);
  ServerResult<void> read_stream();
  ServerResult<CursorReply> first_documents(std::size_t index);
  bool may_pass_over(const Namespace& name, const ServerError& why);
  ServerResult<CursorReply> reopen(const ServerError& why);
  void follow(CursorReply& content);
  void rest_behind(const CursorReply& content);
  void go_behind_untold_end(CursorReply& content);
  bool wait_for_room();
  bool pause(std::chrono::milliseconds time);
  void push(Batch batch);
  void note_size(const CursorReply& content);
  std::int32_t events_max() const;

  std::unique_ptr<Client> client_;
  std::unique_ptr<ChangeStream> stream_;
  std::optional<CursorReply> opened_;
  const ReadPlan plan_;
  ResumePoint position_;                          // of the stream, for opening it anew
  int reopened_in_a_row_ = 0;
  bool ended_untold_ = false;                     // the last reply was the end of a stream, and did not say why
  std::size_t document_bytes_ = 0;                // average of the last batch

  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<Batch> batches_;
  std::size_t bytes_ = 0;
  bool ended_ = false;
  std::optional<ServerError> failure_;
  Wake wake_;
  std::thread thread_;
};

}  // namespace millrace::mongodb
