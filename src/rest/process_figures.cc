#include "rest/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>

namespace millrace {
namespace {

std::string read_whole(const char* path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// "VmRSS:     1234 kB" gives 1234.
std::int64_t field(std::string_view status, std::string_view name) {
  auto at = status.find(name);
  if (at == status.npos) return 0;
  at = status.find_first_of("0123456789", at + name.size());
  std::int64_t value = 0;
  if (at != status.npos) std::from_chars(status.data() + at, status.data() + status.size(), value);
  return value;
}

// Field 22 of stat, counted from the end of the name, which may hold anything.
double start_ticks(const std::string& stat) {
  constexpr int k_fields_between = 19;   // 3 to 21
  const auto end_of_name = stat.rfind(')');
  if (end_of_name == std::string::npos) return 0;
  std::istringstream rest{stat.substr(end_of_name + 1)};
  std::string text;
  for (int i = 0; i < k_fields_between; ++i) rest >> text;
  double ticks = 0;
  rest >> ticks;
  return rest ? ticks : 0;
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures out;
  const std::string status = read_whole("/proc/self/status");
  out.resident_bytes = field(status, "VmRSS:") * 1024;
  out.anonymous_bytes = field(status, "RssAnon:") * 1024;
  out.virtual_bytes = field(status, "VmSize:") * 1024;
  out.threads = field(status, "Threads:");

  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec); };
  out.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);

  const auto boot = static_cast<double>(field(read_whole("/proc/stat"), "btime "));
  out.start_seconds = boot + start_ticks(read_whole("/proc/self/stat")) / static_cast<double>(::sysconf(_SC_CLK_TCK));

  std::error_code error;
  for (std::filesystem::directory_iterator at{"/proc/self/fd", error}, end; !error && at != end; at.increment(error)) ++out.open_files;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) out.open_files_max = static_cast<std::int64_t>(limit.rlim_cur);
  return out;
}

}  // namespace millrace
