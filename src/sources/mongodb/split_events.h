// SplitEvents puts together the events that a server cut up because they are larger than 16 MiB
// (cursor.oversize.handling.mode=split, $changeStreamSplitLargeEvent).
// Bounds: one event, in its parts and whole: twice the size that the server allows a document and its images, about 96 MiB.
// Threads: one. Source: MongoDB manual, "Large Change Stream Events"; Debezium 2.7's SplitEventHandler for what becomes of the members.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sources/mongodb/change_event.h"

namespace millrace::mongodb {

class SplitEvents {
 public:
  // The next one of a stream: itself when it is whole, the whole event when `document` is its last part, else nothing. A whole
  // event's views die at the next call. Errors: parts that do not belong together.
  Result<std::optional<ChangeEvent>> take(BsonView document);
  // Parts of an event have come and others have not: the stream's place must not be stored now.
  bool pending() const { return !fragments_.empty(); }

 private:
  std::vector<std::string> fragments_;
  std::string whole_;
};

}  // namespace millrace::mongodb
