// Figures of this process, as the system tells them. Source: proc(5), /proc/self/{status,stat,fd} and limits.
// Threads: any.
#pragma once

#include <cstdint>

namespace millrace {

struct ProcessFigures {
  double cpu_seconds = 0, start_seconds = 0;                       // of processors; since 1970
  std::int64_t resident_bytes = 0, anonymous_bytes = 0, virtual_bytes = 0;
  std::int64_t threads = 0, open_files = 0, open_files_max = 0;
};

// What cannot be read is 0.
ProcessFigures process_figures();

}  // namespace millrace
