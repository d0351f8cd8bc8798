// SimpleDateFormat is java.text.SimpleDateFormat in UTC and English, lenient: what it writes and what it reads. Dates before
// 15 October 1582 are Julian, as GregorianCalendar's.
// Threads: const calls from any thread. Milliseconds since 1970.
// Errors: compile(): IllegalArgumentException; parse(): ParseException, and UnsupportedOperationException for what Java reads
// and we do not: weeks without a day, names of time zones other than UTC and GMT.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace millrace {

class SimpleDateFormat {
 public:
  static Result<SimpleDateFormat> compile(std::string_view pattern);

  const std::string& pattern() const { return pattern_; }
  std::string format(std::int64_t ms) const;
  Result<std::int64_t> parse(std::string_view text) const;

  // A run of one letter, or text that stands for itself.
  struct Part {
    char letter = 0;   // 0: `text`
    int count = 0;
    std::string text{};
  };

 private:
  std::string pattern_;
  std::vector<Part> parts_;
};

}  // namespace millrace
