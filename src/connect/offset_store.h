// OffsetStore keeps source offsets: Connect's offset topic, or the file of standalone mode.
// Key: ["<connector>",{<partition>}], value: the offset's JSON text; both are compared and kept as bytes.
// A value that millrace wrote lies at a checkpoint of its source; the topic remembers that in a record header
// named "millrace", which Connect ignores. The file cannot: there every offset counts as not written by us.
// Threads: any. Durability: `done` is called (from any thread) only after Kafka's acks=all, or after fsync and rename.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "kafka/topic_log.h"

namespace millrace {

struct StoredOffset {
  std::string value;
  bool written_by_us = false;
};

class OffsetStore {
 public:
  virtual ~OffsetStore() = default;
  // Reads to the end first, then gives the value under the key.
  virtual Result<std::optional<StoredOffset>> read(const std::string& key) = 0;
  // An offset that a source declared.
  virtual void write(std::string key, std::optional<std::string> value, std::function<void(Result<void>)> done) = 0;
  // An offset that somebody set by hand: it need not lie at a checkpoint and counts as not written by us.
  virtual void write_by_hand(std::string key, std::optional<std::string> value, std::function<void(Result<void>)> done) {
    write(std::move(key), std::move(value), std::move(done));
  }
  // All keys whose first element is this connector, with their values: for REST.
  virtual Result<std::vector<std::pair<std::string, std::string>>> of_connector(const std::string& connector) = 0;
};

// The key's bytes as Jackson writes them.
std::string offset_key(std::string_view connector, std::string_view partition_json);

// Standalone: a Java-serialized HashMap<byte[],byte[]>, as FileOffsetBackingStore writes it.
Result<std::unique_ptr<OffsetStore>> open_offset_file(const std::string& path);

// Distributed. The spec's on_record is filled by the store: make the store first, open the log, then attach it.
class TopicOffsetStore : public OffsetStore {
 public:
  static std::unique_ptr<TopicOffsetStore> create();
  virtual std::function<void(const kafka::LogRecord&)> on_record() = 0;
  virtual void attach(std::unique_ptr<kafka::TopicLog> log) = 0;
};

}  // namespace millrace
