// EventWriter makes Debezium's records of documents and change events and gives them to the sink. It keeps a plan per
// collection (topic, key and envelope; about 10 kB each) and the texts of one event.
// Threads: one task's thread. Errors: those of the sink, and documents that cannot be printed, with their collection.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "core/config.h"
#include "core/source.h"
#include "sources/mongodb/change_event.h"

namespace millrace::mongodb {

class EventWriter {
 public:
  explicit EventWriter(const Config& config);   // topic.prefix, topic.delimiter, tombstones.on.delete, ...
  ~EventWriter();
  EventWriter(EventWriter&&) noexcept;
  EventWriter& operator=(EventWriter&&) noexcept;

  // A document of a snapshot. marker: "true", or "last" for the last of all. time: of the snapshot's position, mostly none.
  Result<void> read(std::string_view database, std::string_view collection, BsonView document, std::string_view marker,
                    std::optional<ClusterTime> time, RecordSink& sink);
  // Insert, update, replace, delete (with its tombstone); other operations give nothing.
  Result<void> change(const ChangeEvent& event, RecordSink& sink);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::mongodb
