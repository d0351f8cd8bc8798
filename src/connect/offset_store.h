// OffsetStore keeps source offsets: Connect's offset topic, or the file of standalone mode.
// Key: ["<connector>",{<partition>}], value: the offset's JSON text; both are compared and kept as bytes.
// That a place is whole, and whether it is shown, the topic remembers in a record header named "millrace", which
// Connect ignores. The file cannot: none of its places is whole, all are shown. So is one that somebody set by hand.
// Threads: any. Durability: `done` is called (from any thread) only after Kafka's acks=all, or after fsync and rename.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/source.h"
#include "kafka/topic_log.h"

namespace millrace {

class OffsetStore {
 public:
  virtual ~OffsetStore() = default;
  // Reads to the end first, then gives the value under the key.
  virtual Result<std::optional<Checkpoint>> read(const std::string& key) = 0;
  // None: the key is forgotten.
  virtual void write(std::string key, std::optional<Checkpoint> place, std::function<void(Result<void>)> done) = 0;
  // All keys whose first element is this connector, with their values: for REST.
  virtual Result<std::vector<std::pair<std::string, Checkpoint>>> of_connector(const std::string& connector) = 0;
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
